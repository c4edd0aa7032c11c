#include <fmt/format.h>

#include <array>
#include <set>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-N001", "the VM's libvirt networks are active at the target",
     "An interface of type 'network' is plugged into a libvirt network of that name at the target. It "
     "must exist there and be active. Define and start it there (virsh net-dumpxml on the source, virsh "
     "net-define, net-start and net-autostart on the target). A network of the same name may still lead "
     "elsewhere: see VMF-N007."},
    {"VMF-N002", "the VM's bridges exist at the target",
     "An interface of type 'bridge' is plugged into a bridge of that name at the target. It must exist "
     "there and be up. Create it there in the same way as on the source (/etc/network/interfaces, "
     "netplan, nmcli) and connect it to the same network."},
    {"VMF-N004", "the VM's network filters are defined at the target",
     "An interface with a filterref is plugged in only when the host has the filter. Copy it: virsh "
     "nwfilter-dumpxml NAME on the source, virsh nwfilter-define FILE on the target. That the rules are "
     "the same on both hosts is not checked."},
}};
constexpr const Topic& k_network = k_topics[0];
constexpr const Topic& k_bridge = k_topics[1];
constexpr const Topic& k_filter = k_topics[2];

using Presence = world::Capabilities::Presence;

/// One kind of thing that an interface needs at the target.
struct Need {
    const Topic& topic;
    std::string kind;    ///< "network".
    std::string create;  ///< What to type on the target when it is absent...
    std::string start;   ///< ... and when it is not active.
};

model::Finding judge(const CheckContext& context, const Need& need, const std::string& name,
                     const Result<Presence>& presence)
{
    const std::string subject = need.kind + " " + name;
    const std::string& target = context.target_facts.label;
    const std::string create = fmt::format("on {}: {}", target, need.create);
    if (!presence) {
        return unanswered(need.topic, subject, fmt::format("is it on {}", target), presence.error(),
                          model::Severity::warn, create);
    }
    switch (*presence) {
    case Presence::active: return ok(need.topic, subject, fmt::format("exists on {}", target));
    case Presence::inactive:
        return error(need.topic, subject, fmt::format("is not active on {}", target),
                     fmt::format("on {}: {}", target, need.start));
    case Presence::absent: return error(need.topic, subject, fmt::format("does not exist on {}", target), create);
    case Presence::not_checkable: break;
    }
    return warn(need.topic, subject, fmt::format("not checked: {} does not tell whether it has it", target), create,
                {{"checked", false}});
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::set<std::string> networks;
    std::set<std::string> bridges;
    std::set<std::string> filters;
    for (const model::Nic& nic : context.domain.nics) {
        if (nic.kind == model::NicKind::network) {
            networks.insert(nic.source);
        } else if (nic.kind == model::NicKind::bridge) {
            bridges.insert(nic.source);
        }
        if (!nic.filter.empty()) {
            filters.insert(nic.filter);
        }
    }
    world::Capabilities& target = context.target.capabilities();
    std::vector<model::Finding> findings;
    for (const std::string& name : networks) {
        const Need need{k_network, "network", "virsh net-define FILE; virsh net-start " + name,
                        "virsh net-start " + name};
        findings.push_back(judge(context, need, name, target.network(name)));
    }
    for (const std::string& name : bridges) {
        const Need need{k_bridge, "bridge", "create the bridge " + name, fmt::format("ip link set {} up", name)};
        findings.push_back(judge(context, need, name, target.bridge(name)));
    }
    for (const std::string& name : filters) {
        const Need need{k_filter, "filter", "virsh nwfilter-define FILE", "virsh nwfilter-define FILE"};
        findings.push_back(judge(context, need, name, target.network_filter(name)));
    }
    if (findings.empty()) {
        findings.push_back(not_applicable(k_network, "networks", "no interface on a network, bridge or filter"));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(networks, k_topics, run);

}  // namespace vmferry::checks
