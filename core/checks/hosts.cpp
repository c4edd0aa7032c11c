#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 4> k_topics{{
    {"VMF-H001", "source and target are two hosts",
     "Two names or addresses may lead to one machine. A VM cannot be moved to where it is, and no proof "
     "of shared storage means anything between a host and itself. The UUIDs of the hosts must differ. "
     "Machines that were cloned, or whose firmware has no UUID, need one of their own: host_uuid in "
     "/etc/libvirt/libvirtd.conf, then restart libvirtd. An error also means that a host did not tell "
     "its UUID."},
    {"VMF-H004", "the same security driver on both hosts",
     "AppArmor, SELinux and DAC labels are made anew at the target. When the hosts use different "
     "drivers, or one uses none, files may get labels on one host that the other cannot use, and the "
     "guest is confined differently after the move. Compare security_driver in /etc/libvirt/qemu.conf, "
     "and the user and group of QEMU."},
    {"VMF-H005", "the way of the memory between the hosts",
     "The source's emulator connects directly to the target, by default to a port from 49152 to 49215. "
     "Firewalls, free ports and TLS certificates on that way cannot be seen through libvirt and are not "
     "checked. When the way is blocked the move fails before the guest is touched. Try it: on the target "
     "nc -l 49152, on the source nc -vz TARGET 49152."},
    {"VMF-H006", "both hosts answer",
     "The connections to both daemons must be alive at the time of the checks. A host that is lost while "
     "being asked has answered nothing, whatever other checks say. Look at the daemon (systemctl status "
     "libvirtd) and at the network, then try again."},
}};
constexpr const Topic& k_same = k_topics[0];
constexpr const Topic& k_security = k_topics[1];
constexpr const Topic& k_way = k_topics[2];
constexpr const Topic& k_alive = k_topics[3];

model::Finding judge_identity(const CheckContext& context)
{
    const model::HostFacts& source = context.source_facts;
    const model::HostFacts& target = context.target_facts;
    const std::string remedy =
        "set host_uuid in /etc/libvirt/libvirtd.conf where it is missing or cloned, restart libvirtd";
    if (source.host_uuid.empty() || target.host_uuid.empty()) {
        return error(k_same, "hosts",
                     fmt::format("{} does not tell its UUID: it cannot be known that they are two hosts",
                                 source.host_uuid.empty() ? source.label : target.label),
                     remedy);
    }
    if (source.host_uuid == target.host_uuid) {
        return error(k_same, "hosts",
                     fmt::format("{} and {} have the same host UUID {}", source.label, target.label, source.host_uuid),
                     "name another target; if they are two machines, " + remedy);
    }
    return ok(k_same, "hosts", fmt::format("{} and {} are two hosts", source.label, target.label));
}

model::Finding judge_security(const CheckContext& context)
{
    const model::HostFacts& source = context.source_facts;
    const model::HostFacts& target = context.target_facts;
    if (source.security_model == target.security_model) {
        return ok(
            k_security, "security",
            fmt::format("both use {}", source.security_model.empty() ? "no security driver" : source.security_model));
    }
    return warn(k_security, "security",
                fmt::format("{} uses {}, {} uses {}", source.label,
                            source.security_model.empty() ? "none" : source.security_model, target.label,
                            target.security_model.empty() ? "none" : target.security_model),
                "on both hosts: grep -E '^(security_driver|user|group)' /etc/libvirt/qemu.conf");
}

model::Finding judge_connections(const CheckContext& context)
{
    for (const auto& [host, facts] :
         {std::pair(&context.source, &context.source_facts), std::pair(&context.target, &context.target_facts)}) {
        if (!host->alive()) {
            return error(k_alive, "hosts", fmt::format("the connection to {} is lost", facts->label),
                         fmt::format("on {}: systemctl status libvirtd", facts->label));
        }
    }
    return ok(k_alive, "hosts", "both hosts answer");
}

std::vector<model::Finding> run(CheckContext& context)
{
    return {judge_identity(context), judge_security(context),
            info(k_way, "network",
                 fmt::format("not checked: ports and firewalls from {} to {}", context.source_facts.label,
                             context.target_facts.label),
                 {}, {{"checked", false}}),
            judge_connections(context)};
}

}  // namespace

VMF_REGISTER_CHECK(hosts, k_topics, run);

}  // namespace vmferry::checks
