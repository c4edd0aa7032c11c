#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 4> k_topics{{
    {"VMF-C001", "the emulator exists at the target",
     "The target starts the emulator by the path in the definition, for the guest's architecture and "
     "acceleration (KVM). An error means that libvirt on the target does not offer it. Install it there "
     "(apt install qemu-system-x86), enable virtualization in the firmware of the host, or change "
     "<emulator> (virsh edit)."},
    {"VMF-C002", "the machine type exists at the target",
     "The machine type (pc-q35-7.2, for example) fixes the chipset and the layout of the devices' state. "
     "The target must know exactly this version; a newer QEMU knows the older ones, not the reverse. "
     "Update QEMU on the target, or stop the VM and give it an older machine type."},
    {"VMF-C004", "the firmware exists at the target",
     "The file named as UEFI loader must be there at the target, with the same size and best the same "
     "version. An error means that libvirt on the target neither knows the firmware nor finds the file. "
     "Install it there (apt install ovmf). Whether both are the same build is not checked: the guest's "
     "firmware travels in its memory and the target's is used at the next boot."},
    {"VMF-C006", "the target allows as many virtual CPUs",
     "Each machine type and accelerator has a limit of virtual CPUs. The VM's number must not exceed the "
     "target's limit. Choose another target, or reduce the number (virsh setvcpus)."},
}};
constexpr const Topic& k_emulator = k_topics[0];
constexpr const Topic& k_machine = k_topics[1];
constexpr const Topic& k_firmware = k_topics[2];
constexpr const Topic& k_vcpus = k_topics[3];

using Verdict = world::Capabilities::MachineVerdict;

model::Finding judge_emulator(const CheckContext& context, const Verdict& verdict)
{
    const std::string& emulator = context.domain.emulator;
    const std::string& target = context.target_facts.label;
    if (verdict.emulator) {
        return ok(k_emulator, "emulator", fmt::format("{} offers {} for {}", target, emulator, context.domain.arch));
    }
    return error(
        k_emulator, "emulator",
        fmt::format("{} does not offer {} for {} {}{}{}", target, emulator, context.domain.virt_type,
                    context.domain.arch, verdict.detail.empty() ? "" : ": ", verdict.detail),
        fmt::format("on {}: virsh domcapabilities --emulatorbin {}; install what is missing", target, emulator));
}

model::Finding judge_machine(const CheckContext& context, const Verdict& verdict)
{
    const std::string& machine = context.domain.machine;
    const std::string& target = context.target_facts.label;
    if (verdict.emulator && verdict.machine) {
        return ok(k_machine, "machine", fmt::format("{} is known on {}", machine, target));
    }
    return error(k_machine, "machine", fmt::format("{} does not know machine type {}", target, machine),
                 fmt::format("on {}: {} -machine help; update QEMU there", target, context.domain.emulator));
}

model::Finding judge_firmware(CheckContext& context, const Verdict& verdict)
{
    const std::string& loader = context.domain.loader;
    const std::string& target = context.target_facts.label;
    if (loader.empty()) {
        return not_applicable(k_firmware, "firmware", "BIOS");
    }
    if (verdict.emulator && verdict.firmware) {
        return ok(k_firmware, "firmware", fmt::format("{} is known on {}; same build: not checked", loader, target));
    }
    const auto found = context.target.datastore().file_exists(loader);
    if (found && *found) {
        return ok(k_firmware, "firmware", fmt::format("{} is found on {}; same build: not checked", loader, target));
    }
    Json facts = {{"loader", loader}};
    if (!found) {
        facts["cause"] = found.error().text();
    }
    return error(k_firmware, "firmware", fmt::format("{} is not known on {}", loader, target),
                 fmt::format("install it on {} (apt install ovmf), or copy it to the same path", target),
                 std::move(facts));
}

model::Finding judge_vcpus(const CheckContext& context, const Verdict& verdict)
{
    const unsigned vcpus = context.domain.vcpus;
    const std::string& target = context.target_facts.label;
    if (verdict.vcpus_max == 0) {
        return info(k_vcpus, "vcpus", fmt::format("not checked: {} does not tell its limit of virtual CPUs", target),
                    {}, {{"checked", false}});
    }
    if (vcpus <= verdict.vcpus_max) {
        return ok(k_vcpus, "vcpus", fmt::format("{} needed, {} allowed on {}", vcpus, verdict.vcpus_max, target));
    }
    return error(k_vcpus, "vcpus", fmt::format("{} needed, only {} allowed on {}", vcpus, verdict.vcpus_max, target),
                 fmt::format("choose another target, or: virsh setvcpus {} {} --config, then restart it",
                             context.domain.name, verdict.vcpus_max));
}

std::vector<model::Finding> run(CheckContext& context)
{
    const auto verdict = context.target.capabilities().supports_machine(context.domain);
    if (verdict) {
        return {judge_emulator(context, *verdict), judge_machine(context, *verdict), judge_firmware(context, *verdict),
                judge_vcpus(context, *verdict)};
    }
    std::vector<model::Finding> findings;
    for (const Topic& topic : k_topics) {
        findings.push_back(unanswered(topic, "machine", fmt::format("what {} offers", context.target_facts.label),
                                      verdict.error(), model::Severity::error,
                                      fmt::format("on {}: virsh domcapabilities", context.target_facts.label)));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(machine, k_topics, run);

}  // namespace vmferry::checks
