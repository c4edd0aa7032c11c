// Files of a host, and the identity of its block devices.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

class LibvirtDatastore : public world::Datastore {
public:
    explicit LibvirtDatastore(std::shared_ptr<Connection> connection);

    [[nodiscard]] Result<> create_probe(const world::ProbeVolume& probe, const std::string& content) override;
    [[nodiscard]] Result<std::optional<std::string>> read_probe(const world::ProbeVolume& probe) override;
    [[nodiscard]] Result<> remove_probe(const world::ProbeVolume& probe, bool delete_volume) override;
    [[nodiscard]] Result<bool> file_exists(const std::string& path) override;
    [[nodiscard]] Result<> remove_file(const std::string& path) override;
    [[nodiscard]] Result<std::string> block_identity(const std::string& path) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
