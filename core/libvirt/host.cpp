#include "core/libvirt/host.hpp"

namespace vmferry::libvirt {

LibvirtHost::LibvirtHost(model::HostAddress address, std::shared_ptr<Connection> connection)
    : m_address(std::move(address)), m_connection(std::move(connection)), m_inspector(m_connection),
      m_controller(m_connection), m_datastore(m_connection), m_capabilities(m_connection), m_disks(m_connection),
      m_images(m_connection), m_records(m_connection)
{
}

}  // namespace vmferry::libvirt
