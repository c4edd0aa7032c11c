// An open host: one observer connection and what it is asked and told.

#pragma once

#include <memory>

#include "core/libvirt/capabilities.hpp"
#include "core/libvirt/connection.hpp"
#include "core/libvirt/controller.hpp"
#include "core/libvirt/datastore.hpp"
#include "core/libvirt/disks.hpp"
#include "core/libvirt/image_files.hpp"
#include "core/libvirt/inspector.hpp"
#include "core/libvirt/records.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

class LibvirtHost : public world::Host {
public:
    LibvirtHost(model::HostAddress address, std::shared_ptr<Connection> connection);

    [[nodiscard]] const model::HostAddress& address() const override { return m_address; }
    [[nodiscard]] bool alive() const override { return m_connection->alive(); }
    [[nodiscard]] world::Inspector& inspect() override { return m_inspector; }
    [[nodiscard]] world::Controller& control() override { return m_controller; }
    [[nodiscard]] world::Datastore& datastore() override { return m_datastore; }
    [[nodiscard]] world::Capabilities& capabilities() override { return m_capabilities; }
    [[nodiscard]] world::Disks* disks() override { return &m_disks; }
    [[nodiscard]] world::Images* images() override { return &m_images; }
    [[nodiscard]] world::Records* records() override { return &m_records; }

    [[nodiscard]] const std::shared_ptr<Connection>& connection() const { return m_connection; }

private:
    model::HostAddress m_address;
    std::shared_ptr<Connection> m_connection;
    LibvirtInspector m_inspector;
    LibvirtController m_controller;
    LibvirtDatastore m_datastore;
    LibvirtCapabilities m_capabilities;
    LibvirtDisks m_disks;
    LibvirtImages m_images;
    LibvirtRecords m_records;
};

}  // namespace vmferry::libvirt
