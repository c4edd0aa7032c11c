#include "core/libvirt/capabilities.hpp"

#include "core/libvirt/host_facts.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/machine.hpp"
#include "core/libvirt/network_presence.hpp"
#include "core/libvirt/twin.hpp"

namespace vmferry::libvirt {

LibvirtCapabilities::LibvirtCapabilities(std::shared_ptr<Connection> connection) : m_connection(std::move(connection))
{
}

Result<model::HostFacts> LibvirtCapabilities::facts()
{
    auto facts = m_connection->ask(limits::k_survey, "asking for the host's facts", host_facts_now);
    if (facts) {
        facts->label = m_connection->label();
    }
    return facts;
}

Result<world::Capabilities::CpuVerdict> LibvirtCapabilities::compare_cpu(const model::DomainFacts& domain)
{
    return m_connection->ask(limits::k_survey, "comparing the processor of " + domain.name,
                             [domain](virConnectPtr raw) { return compare_cpu_now(raw, domain); });
}

Result<world::Capabilities::MachineVerdict> LibvirtCapabilities::supports_machine(const model::DomainFacts& domain)
{
    return m_connection->ask(limits::k_survey, "asking for machine type " + domain.machine,
                             [domain](virConnectPtr raw) { return supports_machine_now(raw, domain); });
}

Result<world::Capabilities::Presence> LibvirtCapabilities::network(const std::string& name)
{
    return m_connection->ask(limits::k_question, "looking for network " + name,
                             [name](virConnectPtr raw) { return network_now(raw, name); });
}

Result<world::Capabilities::Presence> LibvirtCapabilities::bridge(const std::string& name)
{
    return m_connection->ask(limits::k_question, "looking for bridge " + name,
                             [name](virConnectPtr raw) { return bridge_now(raw, name); });
}

Result<world::Capabilities::Presence> LibvirtCapabilities::network_filter(const std::string& name)
{
    return m_connection->ask(limits::k_question, "looking for network filter " + name,
                             [name](virConnectPtr raw) { return network_filter_now(raw, name); });
}

Result<uint64_t> LibvirtCapabilities::free_huge_pages(uint64_t page_size_bytes)
{
    return m_connection->ask(limits::k_question, "counting huge pages", [page_size_bytes](virConnectPtr raw) {
        return free_huge_pages_now(raw, page_size_bytes);
    });
}

Result<world::Capabilities::Reach> LibvirtCapabilities::resolve_from_here(const std::string& host)
{
    return resolve_by_twin(*m_connection, host);
}

}  // namespace vmferry::libvirt
