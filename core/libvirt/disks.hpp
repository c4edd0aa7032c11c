// Images under a VM's disks.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/disks.hpp"

namespace vmferry::libvirt {

class LibvirtDisks : public world::Disks {
public:
    explicit LibvirtDisks(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

    [[nodiscard]] Result<std::vector<world::DiskState>> states(const Uuid& uuid) override;
    [[nodiscard]] Result<world::DiskSize> size(const Uuid& uuid, const std::string& target) override;
    [[nodiscard]] Result<> start_copy(const Uuid& uuid, const world::CopyOrder& order) override;
    [[nodiscard]] Result<world::CopyProgress> copy_progress(const Uuid& uuid, const std::string& target) override;
    [[nodiscard]] Result<> unlimit_copy(const Uuid& uuid, const std::string& target) override;
    [[nodiscard]] Result<> pivot(const Uuid& uuid, const std::string& target) override;
    [[nodiscard]] Result<> end_copy(const Uuid& uuid, const std::string& target) override;
    [[nodiscard]] Result<> break_copies(const Uuid& uuid, const std::vector<std::string>& targets) override;
    [[nodiscard]] Result<> set_inactive(const Uuid& uuid, const std::string& target, const std::string& path,
                                        const std::string& format) override;
    [[nodiscard]] Result<world::Place> place(const std::string& name_or_directory) override;
    [[nodiscard]] Result<> create_image(const world::ImageOrder& order) override;
    [[nodiscard]] Result<world::FileAccess> access(const std::string& path) override;
    [[nodiscard]] Result<> delete_image(const std::string& path, const std::string& working_pool) override;
    [[nodiscard]] Result<std::vector<std::string>> users_of(const std::string& path) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
