// A path as the address of a unix socket.

#pragma once

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <string>

#include "core/base/result.hpp"

namespace vmferry::relay {

/// Kind `usage` for a path that is empty or longer than the kernel's 107 bytes.
[[nodiscard]] inline Result<sockaddr_un> unix_address(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail(ErrorKind::usage, fmt::format("'{}' cannot be the path of a socket: 1 to {} bytes", path,
                                                  sizeof address.sun_path - 1));
    }
    std::copy(path.begin(), path.end(), static_cast<char*>(address.sun_path));
    return address;
}

}  // namespace vmferry::relay
