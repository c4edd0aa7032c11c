// Reaches the daemon of a target.

#pragma once

#include <memory>
#include <optional>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/relay/channel.hpp"
#include "core/relay/child.hpp"
#include "core/relay/endpoint.hpp"

namespace vmferry::relay {

/// A channel and, for ssh, the program behind it.
struct Connection {
    std::unique_ptr<Child> child;
    std::unique_ptr<Channel> channel;
};

/// Blocks at most for `limit`. Kind `unreachable` when nothing answers there. ssh is only started:
/// libvirt's protocol lets the client speak first, so whether ssh got through shows later.
[[nodiscard]] Result<Connection> connect_to(const Endpoint& endpoint, Milliseconds limit);

}  // namespace vmferry::relay
