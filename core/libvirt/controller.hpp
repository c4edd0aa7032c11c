// Acts on domains.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

class LibvirtController : public world::Controller {
public:
    explicit LibvirtController(std::shared_ptr<Connection> connection);

    [[nodiscard]] Result<> resume(const Uuid& uuid) override;
    [[nodiscard]] Result<> suspend(const Uuid& uuid) override;
    [[nodiscard]] Result<> destroy(const Uuid& uuid) override;
    [[nodiscard]] Result<> undefine(const Uuid& uuid, world::UndefineOptions options) override;
    [[nodiscard]] Result<> set_autostart(const Uuid& uuid, bool on) override;
    [[nodiscard]] Result<> set_marker(const Uuid& uuid, const model::Marker& marker) override;
    [[nodiscard]] Result<> clear_marker(const Uuid& uuid) override;
    [[nodiscard]] Result<> set_max_downtime(const Uuid& uuid, Milliseconds downtime) override;
    [[nodiscard]] Result<> set_max_bandwidth(const Uuid& uuid, uint64_t limit_mib_s) override;
    [[nodiscard]] Result<> abort_job(const Uuid& uuid) override;
    [[nodiscard]] Result<> start_postcopy(const Uuid& uuid) override;
    [[nodiscard]] Result<> break_postcopy(const Uuid& uuid) override;
    [[nodiscard]] Result<> announce(const Uuid& uuid, int rounds) override;
    [[nodiscard]] Result<> activate_images(const Uuid& uuid) override;
    [[nodiscard]] Result<> give_image(const Uuid& uuid, const std::string& path) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
