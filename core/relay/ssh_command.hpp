// The command line that libvirt 9.0 starts for its ssh transport, word for word.
//
// It must be the same: the observers go through libvirt's own ssh, and an administrator's forced
// command, sudo rule or wrapper that lets one through must let the other through.

#pragma once

#include <string>
#include <vector>

#include "core/relay/endpoint.hpp"

namespace vmferry::relay {

/// argv, the command first. The last word is what the remote login shell runs.
[[nodiscard]] std::vector<std::string> ssh_command(const SshEndpoint& ssh, const std::string& driver_uri);

}  // namespace vmferry::relay
