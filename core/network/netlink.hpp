// What this machine's kernel knows of links, routes and bridges, by rtnetlink(7).

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/network/address.hpp"

namespace vmferry::network {

/// A bridge that has learned an address.
struct LearnedPort {
    std::string interface;  ///< The bridge's port: "vnet7".
    std::string bridge;     ///< Empty when the port's bridge is not told.
    Milliseconds age{0};    ///< Since it was last seen there.
};

/// Where the bridges of this machine have learned `mac` from its traffic; not what an administrator
/// or the kernel itself has set. Kind `failed` when the kernel does not answer.
[[nodiscard]] Result<std::vector<LearnedPort>> learned_ports(const MacAddress& mac);

/// The way to an address that a neighbour has: no router in between.
struct DirectRoute {
    int interface = 0;  ///< Index.
    Ipv4Address own_address;
};
/// nullopt when the address is behind a router, of this machine itself, or not reachable.
[[nodiscard]] Result<std::optional<DirectRoute>> direct_route(const Ipv4Address& to);

}  // namespace vmferry::network
