// Questions that prechecks ask about a host.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

class LibvirtCapabilities : public world::Capabilities {
public:
    explicit LibvirtCapabilities(std::shared_ptr<Connection> connection);

    [[nodiscard]] Result<model::HostFacts> facts() override;
    [[nodiscard]] Result<CpuVerdict> compare_cpu(const model::DomainFacts& domain) override;
    [[nodiscard]] Result<MachineVerdict> supports_machine(const model::DomainFacts& domain) override;
    [[nodiscard]] Result<Presence> network(const std::string& name) override;
    [[nodiscard]] Result<Presence> bridge(const std::string& name) override;
    [[nodiscard]] Result<Presence> network_filter(const std::string& name) override;
    [[nodiscard]] Result<uint64_t> free_huge_pages(uint64_t page_size_bytes) override;
    [[nodiscard]] Result<Reach> resolve_from_here(const std::string& host) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
