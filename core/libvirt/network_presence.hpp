// Whether a host has what a guest's interface is connected to. For use inside Connection::ask.

#pragma once

#include <libvirt/libvirt.h>

#include <string>

#include "core/base/result.hpp"
#include "core/world/host.hpp"

namespace vmferry::libvirt {

using Presence = world::Capabilities::Presence;

[[nodiscard]] Result<Presence> network_now(virConnectPtr connection, const std::string& name);
/// libvirt has two eyes for the host's own interfaces (interface driver, node devices); each may be
/// missing in a given set-up. Active: it exists; whether it is up libvirt does not know.
[[nodiscard]] Result<Presence> bridge_now(virConnectPtr connection, const std::string& name);
[[nodiscard]] Result<Presence> network_filter_now(virConnectPtr connection, const std::string& name);

}  // namespace vmferry::libvirt
