// From the word a user types for a host to the end-point behind it. First the configuration's
// [host.NAME], then a URI as it stands, then libvirt's own uri_aliases.

#pragma once

#include <string>

#include "cli/config.hpp"
#include "core/model/host.hpp"

namespace vmferry::cli {

/// `connect`: the option --connect, or empty. The source when it is not said otherwise.
/// Kind `usage` for a malformed URI or name.
[[nodiscard]] Result<model::HostAddress> source_address(const Config& config, const std::string& connect);
/// A name that the configuration does not know goes to libvirt as it is: it may be one of its aliases.
[[nodiscard]] Result<model::HostAddress> host_address(const Config& config, const std::string& name);
/// For recovery: by what the journal calls the host, and the URI it stored (without secrets).
[[nodiscard]] Result<model::HostAddress> recorded_address(const Config& config, const std::string& label,
                                                          const std::string& stored_uri);

/// libvirt did not know the alias either: says which names are known.
[[nodiscard]] Error as_unknown_host(const Config& config, const model::HostAddress& address, Error error);

}  // namespace vmferry::cli
