// Ethernet frames by which switches and neighbours learn where a MAC address is now. Nothing here
// does I/O.

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/network/address.hpp"

namespace vmferry::network {

using Frame = std::vector<uint8_t>;

/// A RARP request for itself, as QEMU's announce-self sends it: switches learn the port, nobody answers.
[[nodiscard]] Frame reverse_arp(const MacAddress& mac);
/// A gratuitous ARP (RFC 5227, ARP announcement): neighbours refresh the address too.
[[nodiscard]] Frame gratuitous_arp(const MacAddress& mac, const Ipv4Address& address);
/// An unsolicited neighbour advertisement to all nodes (RFC 4861, 7.2.6), with the override flag.
[[nodiscard]] Frame neighbour_advertisement(const MacAddress& mac, const Ipv6Address& address);

/// Asks who has `wanted`.
[[nodiscard]] Frame arp_request(const MacAddress& own_mac, const Ipv4Address& own_address, const Ipv4Address& wanted);
/// Who says to have `wanted`: the sender of an ARP reply. nullopt for any other frame.
[[nodiscard]] std::optional<MacAddress> arp_reply_for(const Ipv4Address& wanted, std::span<const uint8_t> frame);

/// The internet checksum (RFC 1071) over `bytes`, in host order.
[[nodiscard]] uint16_t internet_checksum(std::span<const uint8_t> bytes);

}  // namespace vmferry::network
