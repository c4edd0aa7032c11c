// Connects TCP sockets with a limit that covers the look-up of the name too.

#pragma once

#include <sys/socket.h>

#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"
#include "core/relay/endpoint.hpp"

namespace vmferry::relay {

/// The socket sends at once (TCP_NODELAY), and notices within half a minute that its peer is gone.
/// Tries all addresses of the name in turn. Kind `unreachable` when none answers.
[[nodiscard]] Result<Fd> connect_tcp(const TcpEndpoint& tcp, Milliseconds limit);

/// Connects `socket`, blocking at most for `limit`; an errno, or 0. Leaves the socket non-blocking.
[[nodiscard]] int connect_within(int socket, const sockaddr* address, unsigned int length, Milliseconds limit);

}  // namespace vmferry::relay
