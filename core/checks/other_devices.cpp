#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/checks/devices.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 6> k_topics{{
    {"VMF-P020", "the TPM is an emulated one",
     "An emulated TPM travels with the VM: swtpm on the source hands its state to swtpm on the target. "
     "Whether swtpm is installed there, and has the secret of an encrypted TPM state, is not visible "
     "from here; when it is not, the target refuses and the move ends where it began. A TPM chip of the "
     "host cannot move: its keys are in the hardware. A VM with such a device has to be stopped and "
     "given an emulated TPM first. The state of a VM that is off stays in files of the source, so such a VM is moved "
     "while it runs."},
    {"VMF-P021", "no file system of the host is passed through",
     "virtiofs and 9p give the guest a directory of the source host; the server process and the open "
     "files cannot be handed over, and libvirt or QEMU refuse the move. Unmount it in the guest and "
     "detach it (virsh detach-device VM FILE --live), or use a network file system inside the guest."},
    {"VMF-P022", "shared memory with other VMs or processes",
     "A shmem device is memory that other VMs or processes on the source also use. They stay behind, so "
     "the guest would talk to nobody. libvirt migrates it only with role='master', whose content is "
     "copied; the partners have to be moved or told by you. Detach it before the move (virsh "
     "detach-device VM FILE --live)."},
    {"VMF-P024", "redirected devices and smart cards",
     "USB redirection and smart card passthrough run over the connection of the user's viewer, which is "
     "bound to the source. It breaks at the switch and has to be opened again to the target. Tell the "
     "user, or wait until the viewer is closed."},
    {"VMF-P025", "no device that vmferry does not know",
     "A device that binds the VM to its host in a way vmferry knows nothing about: disk leases, "
     "persistent memory in a file of the host, and whatever libvirt learns in the future. What is not "
     "known is not believed to be safe. Detach it, or accept it by --accept VMF-P025 when you know that "
     "it can be migrated and that its backing exists at the target."},
    {"VMF-P028", "additions to the emulator's command line",
     "Arguments that a definition passes to QEMU behind libvirt's back (qemu:commandline) are repeated "
     "at the target as they are. libvirt knows nothing about them and checks nothing: a path, port or "
     "device in them must exist at the target. QEMU itself refuses what it cannot migrate."},
}};
constexpr const Topic& k_tpm = k_topics[0];
constexpr const Topic& k_file_system = k_topics[1];
constexpr const Topic& k_shmem = k_topics[2];
constexpr const Topic& k_redirected = k_topics[3];
constexpr const Topic& k_unknown = k_topics[4];
constexpr const Topic& k_arguments = k_topics[5];

std::string detach_command(const CheckContext& context)
{
    return fmt::format("virsh detach-device {} FILE --live, with the device's XML in FILE", context.domain.name);
}

model::Finding judge_tpm(const CheckContext& context, const model::Device& device)
{
    if (has_detail(device, "emulator") && !context.domain.now.active()) {
        return error(k_tpm, subject_of(device),
                     fmt::format("the state of its TPM is in files of {}, and a VM that is off cannot send it",
                                 context.source_facts.label),
                     fmt::format("virsh start {}; then move it while it runs", context.domain.name));
    }
    if (has_detail(device, "emulator")) {
        return info(k_tpm, subject_of(device),
                    fmt::format("not checked: whether {} has swtpm", context.target_facts.label),
                    fmt::format("on {}: swtpm --version", context.target_facts.label), {{"checked", false}});
    }
    return error(
        k_tpm, subject_of(device), "only an emulated TPM can be migrated",
        fmt::format("stop the VM; virsh edit {}: <backend type='emulator' version='2.0'/>", context.domain.name));
}

model::Finding judge_shmem(const CheckContext& context, const model::Device& device)
{
    if (has_detail(device, "master") && !has_detail(device, "ivshmem")) {
        return warn(k_shmem, subject_of(device), "its content is copied, but its other users stay behind",
                    detach_command(context));
    }
    return error(k_shmem, subject_of(device), "memory shared on the source cannot be migrated",
                 detach_command(context));
}

model::Finding judge_socket(const CheckContext& context, const model::Device& device)
{
    return warn(k_unknown, subject_of(device),
                fmt::format("its connections break, and its address must be free on {}", context.target_facts.label),
                fmt::format("on {}: virsh dumpxml of its VMs, look for <cid>", context.target_facts.label),
                {{"checked", false}});
}

/// Kinds that other checks judge, or that carry nothing of the host.
bool is_harmless(const model::Device& device)
{
    static constexpr std::array<std::string_view, 12> k_harmless{"hostdev", "serial", "parallel",   "channel",
                                                                 "console", "rng",    "watchdog",   "panic",
                                                                 "sound",   "video",  "memballoon", "input"};
    const bool plain_memory =
        device.kind == "memory" && (has_detail(device, "dimm") || has_detail(device, "virtio-mem"));
    return plain_memory || std::find(k_harmless.begin(), k_harmless.end(), device.kind) != k_harmless.end();
}

/// The finding on a device of a kind that is judged here; nothing for a harmless one.
std::optional<model::Finding> judge(const CheckContext& context, const model::Device& device)
{
    if (device.kind == "tpm") {
        return judge_tpm(context, device);
    }
    if (device.kind == "filesystem") {
        return error(k_file_system, subject_of(device),
                     fmt::format("a directory of {} cannot be handed over", context.source_facts.label),
                     "unmount it in the guest; then: " + detach_command(context));
    }
    if (device.kind == "shmem") {
        return judge_shmem(context, device);
    }
    if (device.kind == "redirdev" || device.kind == "smartcard") {
        return warn(k_redirected, subject_of(device), "the viewer's connection to it breaks at the switch",
                    "close the viewer, and open it again after the move");
    }
    if (device.kind == "vsock") {
        return judge_socket(context, device);
    }
    if (device.kind == "commandline") {
        return warn(k_arguments, "emulator", fmt::format("not checked: added arguments '{}'", device.detail),
                    fmt::format("make sure that what they name exists on {}", context.target_facts.label),
                    {{"checked", false}});
    }
    if (is_harmless(device)) {
        return std::nullopt;
    }
    return error(k_unknown, subject_of(device), "not known whether this device can be migrated",
                 fmt::format("{}; or: {}", detach_command(context), accept_option(k_unknown)));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Device& device : context.domain.devices) {
        if (auto finding = judge(context, device)) {
            findings.push_back(std::move(*finding));
        }
    }
    if (findings.empty()) {
        findings.push_back(not_applicable(k_unknown, "devices", "none that binds the VM to its host"));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(other_devices, k_topics, run);

}  // namespace vmferry::checks
