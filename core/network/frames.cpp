#include "core/network/frames.hpp"

#include <algorithm>

namespace vmferry::network {

namespace {

constexpr MacAddress k_broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
constexpr MacAddress k_all_nodes_mac{{0x33, 0x33, 0, 0, 0, 1}};
constexpr Ipv6Address k_all_nodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

constexpr uint16_t k_ether_arp = 0x0806;
constexpr uint16_t k_ether_rarp = 0x8035;
constexpr uint16_t k_ether_ipv6 = 0x86dd;
constexpr uint16_t k_arp_request = 1;
constexpr uint16_t k_arp_reply = 2;
constexpr uint16_t k_rarp_request = 3;
constexpr uint8_t k_icmpv6 = 58;
constexpr uint8_t k_neighbour_advertisement = 136;
constexpr uint8_t k_override = 0x20;
constexpr uint8_t k_option_target_mac = 2;

constexpr size_t k_frame_bytes_min = 60;
constexpr size_t k_arp_begin = 14;
constexpr size_t k_arp_bytes = 28;

void put(Frame& frame, uint16_t value)
{
    frame.push_back(static_cast<uint8_t>(value >> 8));
    frame.push_back(static_cast<uint8_t>(value & 0xff));
}

template <typename Address>
void put(Frame& frame, const Address& address)
{
    frame.insert(frame.end(), address.bytes.begin(), address.bytes.end());
}

Frame begin(const MacAddress& to, const MacAddress& from, uint16_t type)
{
    Frame frame;
    put(frame, to);
    put(frame, from);
    put(frame, type);
    return frame;
}

struct ArpParty {
    MacAddress mac;
    Ipv4Address address;
};

Frame arp(uint16_t type, uint16_t operation, const ArpParty& sender, const ArpParty& target)
{
    Frame frame = begin(k_broadcast, sender.mac, type);
    put(frame, uint16_t{1});       // Ethernet
    put(frame, uint16_t{0x0800});  // IPv4
    frame.push_back(6);
    frame.push_back(4);
    put(frame, operation);
    put(frame, sender.mac);
    put(frame, sender.address);
    put(frame, target.mac);
    put(frame, target.address);
    frame.resize(k_frame_bytes_min);
    return frame;
}

/// Over the pseudo header of RFC 8200, 8.1, and the message.
uint16_t icmpv6_checksum(const Ipv6Address& from, const Ipv6Address& to, std::span<const uint8_t> message)
{
    Frame bytes;
    put(bytes, from);
    put(bytes, to);
    put(bytes, uint16_t{0});
    put(bytes, static_cast<uint16_t>(message.size()));
    put(bytes, uint16_t{0});
    put(bytes, uint16_t{k_icmpv6});
    bytes.insert(bytes.end(), message.begin(), message.end());
    return internet_checksum(bytes);
}

Frame advertisement(const MacAddress& mac, const Ipv6Address& address)
{
    Frame message{k_neighbour_advertisement, 0, 0, 0, k_override, 0, 0, 0};
    put(message, address);
    message.push_back(k_option_target_mac);
    message.push_back(1);  // Eight bytes.
    put(message, mac);
    const uint16_t checksum = icmpv6_checksum(address, k_all_nodes, message);
    message[2] = static_cast<uint8_t>(checksum >> 8);
    message[3] = static_cast<uint8_t>(checksum & 0xff);
    return message;
}

}  // namespace

uint16_t internet_checksum(std::span<const uint8_t> bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
        sum += i % 2 == 0 ? uint32_t{bytes[i]} << 8 : uint32_t{bytes[i]};
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum & 0xffff);
}

Frame reverse_arp(const MacAddress& mac) { return arp(k_ether_rarp, k_rarp_request, {mac, {}}, {mac, {}}); }

Frame gratuitous_arp(const MacAddress& mac, const Ipv4Address& address)
{
    return arp(k_ether_arp, k_arp_request, {mac, address}, {{}, address});
}

Frame neighbour_advertisement(const MacAddress& mac, const Ipv6Address& address)
{
    const Frame message = advertisement(mac, address);
    Frame frame = begin(k_all_nodes_mac, mac, k_ether_ipv6);
    frame.insert(frame.end(), {0x60, 0, 0, 0});
    put(frame, static_cast<uint16_t>(message.size()));
    frame.push_back(k_icmpv6);
    frame.push_back(255);  // Neighbours drop what has passed a router.
    put(frame, address);
    put(frame, k_all_nodes);
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
}

Frame arp_request(const MacAddress& own_mac, const Ipv4Address& own_address, const Ipv4Address& wanted)
{
    return arp(k_ether_arp, k_arp_request, {own_mac, own_address}, {{}, wanted});
}

std::optional<MacAddress> arp_reply_for(const Ipv4Address& wanted, std::span<const uint8_t> frame)
{
    if (frame.size() < k_arp_begin + k_arp_bytes) {
        return std::nullopt;
    }
    const auto number = [&](size_t at) { return static_cast<uint16_t>(frame[at] << 8 | frame[at + 1]); };
    const auto body = frame.subspan(k_arp_begin, k_arp_bytes);
    const bool reply = number(12) == k_ether_arp && number(k_arp_begin + 6) == k_arp_reply;
    if (!reply || !std::equal(wanted.bytes.begin(), wanted.bytes.end(), body.begin() + 14)) {
        return std::nullopt;
    }
    MacAddress sender;
    std::copy_n(body.begin() + 8, sender.bytes.size(), sender.bytes.begin());
    return sender;
}

}  // namespace vmferry::network
