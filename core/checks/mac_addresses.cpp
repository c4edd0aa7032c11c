#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-N006", "no VM at the target has one of its MAC addresses",
     "Two machines with one MAC address in a network take each other's packets away: connections of both "
     "hang at random. All VMs that the target knows are compared. It happens when a VM was cloned "
     "without a new address. A running one is an error, one that is only defined a warning. Give the "
     "other VM a new address (virsh edit; remove its <mac> line and libvirt makes one) while it is off. "
     "VMs on third hosts are not seen."},
}};
constexpr const Topic& k_mac = k_topics[0];

bool same_mac(const std::string& left, const std::string& right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

void judge(const CheckContext& context, const model::Nic& nic, std::vector<model::Finding>& findings)
{
    for (const auto& resident : context.target_residents) {
        const bool collides = resident.uuid != context.domain.uuid && !nic.mac.empty() &&
                              std::any_of(resident.macs.begin(), resident.macs.end(),
                                          [&](const std::string& mac) { return same_mac(mac, nic.mac); });
        if (!collides) {
            continue;
        }
        const std::string remedy = fmt::format("on {}: virsh edit {} (while it is off), remove its <mac> line",
                                               context.target_facts.label, resident.name);
        const std::string message =
            fmt::format("{} on {} has the same MAC address{}", resident.name, context.target_facts.label,
                        resident.active ? " and is running" : "; it is off");
        Json facts = {{"mac", nic.mac}, {"other_vm", resident.name}};
        findings.push_back(resident.active ? error(k_mac, "interface " + nic.mac, message, remedy, std::move(facts))
                                           : warn(k_mac, "interface " + nic.mac, message, remedy, std::move(facts)));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Nic& nic : context.domain.nics) {
        judge(context, nic, findings);
    }
    if (findings.empty()) {
        findings.push_back(ok(k_mac, "interfaces",
                              fmt::format("{} MAC addresses, none in use on {}", context.domain.nics.size(),
                                          context.target_facts.label)));
    }
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(mac_addresses, k_topics, run);

}  // namespace vmferry::checks
