// Definitions of domains that are off, and their snapshots' records.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/records.hpp"

namespace vmferry::libvirt {

class LibvirtRecords : public world::Records {
public:
    explicit LibvirtRecords(std::shared_ptr<Connection> connection);

    [[nodiscard]] Result<world::Portable> read(const Uuid& uuid) override;
    [[nodiscard]] Result<> define_bolted(const Uuid& uuid, const world::Portable& vm,
                                         const model::Marker& marker) override;
    [[nodiscard]] Result<std::string> definition_with(const Uuid& uuid,
                                                      const std::vector<world::FileRename>& renames) override;
    [[nodiscard]] Result<> rename_files(const Uuid& uuid, const std::vector<world::FileRename>& renames) override;
    [[nodiscard]] Result<bool> is_bolted(const Uuid& uuid) override;
    [[nodiscard]] Result<> unbolt(const Uuid& uuid) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
