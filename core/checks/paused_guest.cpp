#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-P013", "a paused VM is not the remains of an earlier migration",
     "After a migration that was undone QEMU stays in its state 'postmigrate' until the VM runs again, "
     "and refuses the next migration. libvirt shows both cases as 'paused (user)', so for a paused VM "
     "the emulator itself is asked; that marks the domain as tainted (custom-monitor) and changes "
     "nothing else. A short run cures it: virsh resume VM; virsh suspend VM."},
    {"VMF-P014", "a paused VM has run since it arrived on this host",
     "A VM that arrived here paused by a live migration and has not run since still has its disk images "
     "closed. QEMU before 10.0 aborts when such a VM is migrated again, on both hosts: its memory is "
     "lost. vmferry opens the images of what it moves itself; of a VM that another tool moved, it cannot "
     "be seen. If in doubt let it run for a moment before the move: virsh resume VM; virsh suspend VM."},
}};
constexpr const Topic& k_emulator = k_topics[0];
constexpr const Topic& k_inactive_images = k_topics[1];
/// The first QEMU that can migrate a VM whose images were never opened.
constexpr uint64_t k_inactive_images_version = 10'000'000;

std::string blip(const std::string& vm) { return fmt::format("virsh resume {0}; virsh suspend {0}", vm); }

model::Finding judge_emulator(CheckContext& context, const std::string& subject)
{
    const auto status = context.source.inspect().emulator_status(context.domain.uuid);
    if (!status) {
        return unanswered(k_emulator, subject, "state of the paused emulator", status.error(), model::Severity::error,
                          blip(context.domain.name));
    }
    if (*status == "paused") {
        return ok(k_emulator, subject, "the emulator is paused and can be migrated");
    }
    return error(k_emulator, subject,
                 fmt::format("the emulator is in state '{}', from which it cannot be migrated", *status),
                 blip(context.domain.name), {{"emulator_status", *status}});
}

std::vector<model::Finding> run(CheckContext& context)
{
    const std::string subject = "VM " + context.domain.name;
    const model::Observation& now = context.domain.now;
    if (now.state != model::RunState::paused || now.reason != model::StateReason::user) {
        return {not_applicable(k_emulator, subject, "not paused by its user")};
    }
    std::vector<model::Finding> findings{judge_emulator(context, subject)};
    if (context.source_facts.hypervisor_version < k_inactive_images_version) {
        findings.push_back(warn(k_inactive_images, subject,
                                "not checked: whether it has run since it arrived here; if it arrived paused by "
                                "another tool, moving it now would lose it",
                                blip(context.domain.name), {{"checked", false}}));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(paused_guest, k_topics, run);

}  // namespace vmferry::checks
