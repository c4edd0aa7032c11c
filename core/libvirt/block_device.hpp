// Which block device is behind a path.

#pragma once

#include <libvirt/libvirt.h>

#include <optional>
#include <string>

#include "core/base/result.hpp"

namespace vmferry::libvirt {

/// World-wide name, serial number or volume id: the same on each host that sees the same device. Empty
/// when the host knows none; kind `not_found` when it lists its disks and the path is none of them. For
/// use inside Connection::ask.
[[nodiscard]] Result<std::string> block_identity_now(virConnectPtr connection, const std::string& path);

/// The identity in the XML of a storage node device, if `path` is one of its names; else nullopt.
[[nodiscard]] std::optional<std::string> identity_in(const std::string& device_xml, const std::string& path);

}  // namespace vmferry::libvirt
