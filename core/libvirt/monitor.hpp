// QEMU's own monitor, through libvirt. Each command taints the domain (custom-monitor), and on an
// incoming domain it would wait until the migration ends: never ask one.

#pragma once

#include <libvirt/libvirt.h>

#include <string>

#include "core/base/json.hpp"

namespace vmferry::libvirt {

/// Sends {"execute": command, "arguments": arguments} and gives the value of "return". Kind `failed` with
/// QEMU's words when it refused, `unknown` when it gave no answer. For use inside Connection::ask and act.
[[nodiscard]] Result<Json> monitor_command(virDomainPtr domain, const std::string& command,
                                           const Json& arguments = Json::object());

}  // namespace vmferry::libvirt
