#include <fmt/format.h>

#include <array>

#include "core/checks/devices.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-P031", "no PCI device of the host is passed through",
     "A passed-through PCI device, also a virtual function used as a network interface, has its state in "
     "hardware that the target does not have; QEMU and libvirt refuse to migrate it. The exception is a "
     "device with <teaming type='transient'>: it is unplugged for the move and the guest falls back to "
     "its paired interface. Detach the device before the move (virsh detach-device VM FILE --live, or "
     "virsh detach-interface) and attach one of the target afterwards."},
    {"VMF-P032", "no other host device holds state",
     "Mediated devices (vGPU), SCSI devices and HBAs of the host, vDPA interfaces and host devices of a "
     "kind that vmferry does not know keep state outside the VM. They cannot be migrated. Detach them "
     "before the move (virsh detach-device VM FILE --live)."},
    {"VMF-P033", "USB devices of the host",
     "libvirt lets a VM with a USB device of the host move, but the device stays where it is plugged in: "
     "the guest sees it vanish, and the target needs a matching device unless the definition says that "
     "it may be missing (startupPolicy='optional'). Detach it first (virsh detach-device VM FILE "
     "--live), or use a USB server in the network."},
}};
constexpr const Topic& k_pci = k_topics[0];
constexpr const Topic& k_state = k_topics[1];
constexpr const Topic& k_usb = k_topics[2];

std::string detach_command(const CheckContext& context)
{
    return fmt::format("virsh detach-device {} FILE --live, with the device's XML in FILE", context.domain.name);
}

model::Finding judge(const CheckContext& context, const model::Device& device)
{
    const std::string& source = context.source_facts.label;
    if (has_detail(device, "usb")) {
        return warn(k_usb, subject_of(device), fmt::format("the USB device stays on {}: the guest loses it", source),
                    detach_command(context));
    }
    if (has_detail(device, "pci") && has_detail(device, "teaming")) {
        return warn(k_pci, subject_of(device), "unplugged for the move; the guest falls back to its teaming partner",
                    "check that the partner interface of the team has a link");
    }
    if (has_detail(device, "pci")) {
        return error(k_pci, subject_of(device), fmt::format("a PCI device of {} cannot be migrated", source),
                     detach_command(context));
    }
    return error(k_state, subject_of(device), fmt::format("a device of {} cannot be migrated", source),
                 detach_command(context));
}

void judge(const CheckContext& context, const model::Nic& nic, std::vector<model::Finding>& findings)
{
    const std::string remedy =
        fmt::format("virsh detach-interface {} hostdev --mac {} --live", context.domain.name, nic.mac);
    if (nic.kind == model::NicKind::hostdev) {
        findings.push_back(error(k_pci, "interface " + nic.mac,
                                 fmt::format("a virtual function of {} cannot be migrated", context.source_facts.label),
                                 remedy));
    } else if (nic.kind == model::NicKind::vdpa) {
        findings.push_back(
            error(k_state, "interface " + nic.mac, "a vDPA interface cannot be migrated",
                  fmt::format("virsh detach-interface {} vdpa --mac {} --live", context.domain.name, nic.mac)));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Device& device : devices_of(context, "hostdev")) {
        findings.push_back(judge(context, device));
    }
    for (const model::Nic& nic : context.domain.nics) {
        judge(context, nic, findings);
    }
    if (findings.empty()) {
        findings.push_back(not_applicable(k_pci, "host devices", "none"));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(host_devices, k_topics, run);

}  // namespace vmferry::checks
