// Does somebody answer at an address, seen from this machine?

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/network/address.hpp"

namespace vmferry::network {

struct Answer {
    std::string method;  ///< "arp" or "icmp".
    Milliseconds after{0};
};

/// Asks once and waits at most for `limit`: by ARP where the address is on a network of this machine
/// and raw sockets are allowed, and by ICMP echo, which brings neighbour discovery with it for IPv6.
/// Over ARP only an answer of one of `macs` counts; no `macs`: any. nullopt: nobody answered. Kind `denied` when this
/// user may do neither.
[[nodiscard]] Result<std::optional<Answer>> probe(const IpAddress& address, const std::vector<MacAddress>& macs,
                                                  Milliseconds limit);

}  // namespace vmferry::network
