// Questions about domains.

#pragma once

#include <memory>
#include <string>

#include "core/libvirt/connection.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

class LibvirtInspector : public world::Inspector {
public:
    explicit LibvirtInspector(std::shared_ptr<Connection> connection);

    [[nodiscard]] Result<Uuid> find(const std::string& name_or_uuid) override;
    [[nodiscard]] Result<model::DomainFacts> describe(const Uuid& uuid) override;
    [[nodiscard]] model::Observation observe(const Uuid& uuid, Milliseconds limit) override;
    [[nodiscard]] Result<model::BeforeImage> before_image(const Uuid& uuid) override;
    [[nodiscard]] Result<Definitions> definitions(const Uuid& uuid, const model::Marker& target_marker,
                                                  const std::vector<model::DiskMove>& copies) override;
    [[nodiscard]] Result<std::string> emulator_status(const Uuid& uuid) override;
    [[nodiscard]] Result<std::vector<std::string>> estranged_images(const Uuid& uuid) override;
    [[nodiscard]] Result<world::MigrationProgress> progress(const Uuid& uuid) override;
    [[nodiscard]] Result<std::vector<Resident>> residents() override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
