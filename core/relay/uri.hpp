// The little of RFC 3986 that libvirt's connection URIs use, read as libvirt reads it.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace vmferry::relay {

/// A URI in its parts, percent-decoded. What was absent is empty, like libvirt's own view of it.
struct Uri {
    std::string scheme;
    std::string user;
    std::string host;  ///< Without the brackets of an IPv6 address.
    std::string port;  ///< Decimal digits; empty also for port 0, which means "the default" to libvirt.
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
};

/// Kind `usage` when libvirt could not read it either, and for fragments, passwords and NUL bytes.
[[nodiscard]] Result<Uri> parse_uri(std::string_view text);

/// Encodes all but RFC 3986's unreserved characters, as libvirt does in query values.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace vmferry::relay
