#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-N003", "interfaces bound to a device of the host",
     "A macvtap interface (type 'direct') names a network device of the host, an interface of type "
     "'ethernet' a tap device that a script made. Both must exist under the same name at the target, "
     "which libvirt does not tell. When one is missing the target refuses and the move ends where it "
     "began; when another network is behind the name the guest arrives without its network. Look on the "
     "target: ip link show DEVICE."},
    {"VMF-N005", "the VM's interfaces can move",
     "User-mode networking (slirp, passt) moves, but the connections through it belong to the source "
     "host and break. A vhost-user interface needs its socket and switch process at the target, which "
     "cannot be seen from here; an interface of a kind that vmferry does not know is not believed to be "
     "safe. Detach the interface before the move (virsh detach-interface VM TYPE --mac MAC --live), or "
     "accept it by --accept VMF-N005 when the target is prepared for it."},
    {"VMF-N007", "the same network is behind the same name",
     "Two bridges or networks of one name may be plugged into different networks, VLANs or NAT ranges; "
     "the guest would arrive but nobody could reach it. This is not checked: it cannot be seen through "
     "libvirt. Compare the uplinks of both hosts (bridge link; virsh net-dumpxml NAME). A NAT network of "
     "libvirt is a different one on each host: addresses and port forwardings of the source do not work "
     "at the target. The announcement after the move tells whether the target's bridge learned the VM's "
     "address."},
}};
constexpr const Topic& k_bound = k_topics[0];
constexpr const Topic& k_kind = k_topics[1];
constexpr const Topic& k_same = k_topics[2];

using model::NicKind;

std::string detach_command(const CheckContext& context, const model::Nic& nic, std::string_view type)
{
    return fmt::format("virsh detach-interface {} {} --mac {} --live", context.domain.name, type, nic.mac);
}

void judge(const CheckContext& context, const model::Nic& nic, std::vector<model::Finding>& findings)
{
    const std::string subject = "interface " + nic.mac;
    const std::string& target = context.target_facts.label;
    const std::string device = nic.source.empty() ? "its device" : nic.source;
    switch (nic.kind) {
    case NicKind::direct:
    case NicKind::ethernet:
        findings.push_back(warn(k_bound, subject, fmt::format("not checked: {} must exist on {}", device, target),
                                fmt::format("on {}: ip link show {}", target, device), {{"checked", false}}));
        return;
    case NicKind::user:
        findings.push_back(warn(k_kind, subject, "user-mode network: its connections break at the switch",
                                detach_command(context, nic, "user")));
        return;
    case NicKind::vhostuser:
        findings.push_back(error(
            k_kind, subject, fmt::format("vhost-user: the socket {} on {} cannot be seen", device, target),
            fmt::format("look on {}: ls -l {}; when it is served there: {}", target, device, accept_option(k_kind))));
        return;
    case NicKind::other:
        findings.push_back(error(k_kind, subject, "not known whether an interface of this kind can move",
                                 detach_command(context, nic, "TYPE")));
        return;
    case NicKind::bridge:
    case NicKind::network:
    case NicKind::hostdev:  // Judged with the host's devices.
    case NicKind::vdpa: return;
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Nic& nic : context.domain.nics) {
        judge(context, nic, findings);
    }
    if (findings.empty()) {
        findings.push_back(not_applicable(k_kind, "interfaces", "no interface of a kind that needs more than a name"));
    }
    if (!context.domain.nics.empty()) {
        findings.push_back(
            info(k_same, "networks",
                 fmt::format("not checked: that the same networks are behind the same names on {} and {}",
                             context.source_facts.label, context.target_facts.label),
                 "on both hosts: bridge link; virsh net-dumpxml NAME", {{"checked", false}}));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(interfaces, k_topics, run);

}  // namespace vmferry::checks
