#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-T001", "the target's emulator is not older than the source's",
     "QEMU reads the device state of older versions, never of newer ones. On an older target the move "
     "fails at its end, or, worse, a device arrives in a wrong state. The versions of the hypervisor are "
     "compared; the running emulator of a VM that was not restarted since an update may be older than "
     "the host says, which is no harm. Update QEMU on the target, or choose a target that is at least as "
     "new. When the target is newer, the way back is not promised."},
    {"VMF-T002", "the target's libvirt is not older than the source's",
     "libvirt on the source writes a description of the VM for the one on the target. An older one may "
     "not know all of it and refuse, before the guest is touched. Versions before 9.0 are not tested "
     "with vmferry."},
}};
constexpr const Topic& k_emulator = k_topics[0];
constexpr const Topic& k_libvirt = k_topics[1];
constexpr uint64_t k_oldest_tested_libvirt = 9'000'000;

/// 7002000 -> "7.2.0".
std::string version_text(uint64_t version)
{
    return version == 0 ? "unknown"
                        : fmt::format("{}.{}.{}", version / 1'000'000, version / 1'000 % 1'000, version % 1'000);
}

model::Finding judge_emulator(const CheckContext& context)
{
    const model::HostFacts& source = context.source_facts;
    const model::HostFacts& target = context.target_facts;
    const uint64_t old_version = source.hypervisor_version;
    const uint64_t new_version = target.hypervisor_version;
    const std::string versions = fmt::format("{} on {}, {} on {}", version_text(old_version), source.label,
                                             version_text(new_version), target.label);
    Json facts = {{"source", version_text(old_version)}, {"target", version_text(new_version)}};
    if (old_version == 0 || new_version == 0) {
        return error(k_emulator, "emulator version", "not checked: QEMU " + versions, "on both hosts: virsh version",
                     std::move(facts));
    }
    if (new_version < old_version) {
        return error(k_emulator, "emulator version", fmt::format("QEMU is older at the target: {}", versions),
                     fmt::format("update QEMU on {}, or choose another target", target.label), std::move(facts));
    }
    return ok(k_emulator, "emulator version", "QEMU " + versions, std::move(facts));
}

model::Finding judge_libvirt(const CheckContext& context)
{
    const model::HostFacts& source = context.source_facts;
    const model::HostFacts& target = context.target_facts;
    const std::string versions = fmt::format("libvirt {} on {}, {} on {}", version_text(source.libvirt_version),
                                             source.label, version_text(target.libvirt_version), target.label);
    if (target.libvirt_version < source.libvirt_version || source.libvirt_version < k_oldest_tested_libvirt) {
        return warn(k_libvirt, "libvirt version", versions,
                    fmt::format("update libvirt on {}",
                                target.libvirt_version < source.libvirt_version ? target.label : source.label));
    }
    return ok(k_libvirt, "libvirt version", versions);
}

std::vector<model::Finding> run(CheckContext& context) { return {judge_emulator(context), judge_libvirt(context)}; }

}  // namespace

VMF_REGISTER_CHECK(versions, k_topics, run);

}  // namespace vmferry::checks
