#include "core/network/probe.hpp"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/network/netlink.hpp"
#include "core/network/packet_socket.hpp"

namespace vmferry::network {

namespace {

using std::chrono::duration_cast;

constexpr size_t k_echo_bytes = 8;

Milliseconds since(Monotonic::time_point begin) { return duration_cast<Milliseconds>(Monotonic::now() - begin); }

/// nullopt also when the address is not on a network of ours, or frames are not allowed.
std::optional<Answer> ask_by_arp(const Ipv4Address& address, const std::vector<MacAddress>& macs, Milliseconds limit)
{
    const auto route = direct_route(address);
    if (!route || !*route) {
        return std::nullopt;
    }
    const auto socket = PacketSocket::open((*route)->interface);
    const Monotonic::time_point begin = Monotonic::now();
    if (!socket || !socket->send(arp_request(socket->mac(), (*route)->own_address, address))) {
        return std::nullopt;
    }
    for (const Deadline deadline(limit); !deadline.over();) {
        const auto from = arp_reply_for(address, socket->receive(deadline.left()));
        if (from && (macs.empty() || std::find(macs.begin(), macs.end(), *from) != macs.end())) {
            return Answer{"arp", since(begin)};
        }
    }
    return std::nullopt;
}

struct Peer {
    int protocol = IPPROTO_ICMP;
    uint8_t request = ICMP_ECHO;
    uint8_t reply = ICMP_ECHOREPLY;
    sockaddr_storage address{};
    socklen_t length = 0;
};

Peer peer_of(const IpAddress& address)
{
    Peer peer;
    if (const auto* v4 = std::get_if<Ipv4Address>(&address)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        std::memcpy(&to.sin_addr, v4->bytes.data(), v4->bytes.size());
        std::memcpy(&peer.address, &to, sizeof to);
        peer.length = sizeof to;
        return peer;
    }
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, std::get<Ipv6Address>(address).bytes.data(), sizeof to.sin6_addr);
    std::memcpy(&peer.address, &to, sizeof to);
    peer.length = sizeof to;
    peer.protocol = IPPROTO_ICMPV6;
    peer.request = ICMP6_ECHO_REQUEST;
    peer.reply = ICMP6_ECHO_REPLY;
    return peer;
}

/// Raw where it is allowed, else the kernel's ping socket (net.ipv4.ping_group_range), which needs no right.
Result<Fd> echo_socket(const Peer& peer, bool& raw)
{
    Fd socket(::socket(peer.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, peer.protocol));
    raw = !socket;
    if (!socket) {
        socket = Fd(::socket(peer.address.ss_family, SOCK_RAW | SOCK_CLOEXEC, peer.protocol));
    }
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer.address), peer.length) != 0) {
        const bool away = errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EAFNOSUPPORT;
        return fail(Error(away ? ErrorKind::unreachable : ErrorKind::denied, "an ICMP echo cannot be sent from here")
                        .with_cause(std::generic_category().message(errno))
                        .with_next("run it as root, or see net.ipv4.ping_group_range"));
    }
    return socket;
}

/// The ICMP message in what was received: a raw IPv4 socket hands out the IP header too.
std::span<const uint8_t> message_in(std::span<const uint8_t> packet, const Peer& peer, bool raw)
{
    if (!raw || peer.protocol == IPPROTO_ICMPV6 || packet.empty()) {
        return packet;
    }
    return packet.subspan(std::min<size_t>(packet.size(), size_t{4} * (packet[0] & 15U)));
}

Result<std::optional<Answer>> ask_by_echo(const IpAddress& address, Milliseconds limit)
{
    const Peer peer = peer_of(address);
    bool raw = false;
    VMF_TRY_ASSIGN(const Fd socket, echo_socket(peer, raw));
    const auto mark = static_cast<uint16_t>(Monotonic::now().time_since_epoch().count());
    std::array<uint8_t, k_echo_bytes> echo{
        peer.request, 0, 0, 0, 0, 0, static_cast<uint8_t>(mark >> 8), static_cast<uint8_t>(mark & 0xff)};
    const uint16_t checksum = internet_checksum(echo);  // The kernel computes the one of ICMPv6 itself.
    echo[2] = static_cast<uint8_t>(checksum >> 8);
    echo[3] = static_cast<uint8_t>(checksum & 0xff);
    const Monotonic::time_point begin = Monotonic::now();
    if (::send(socket.get(), echo.data(), echo.size(), MSG_NOSIGNAL) < 0) {
        return std::optional<Answer>();  // No route, or nobody has the address.
    }
    for (const Deadline deadline(limit); !deadline.over();) {
        pollfd entry{socket.get(), POLLIN, 0};
        std::array<uint8_t, 2048> packet{};
        const bool ready = ::poll(&entry, 1, static_cast<int>(deadline.left().count())) > 0;
        const ssize_t count = ready ? ::recv(socket.get(), packet.data(), packet.size(), MSG_DONTWAIT) : -1;
        const auto message = message_in(
            std::span<const uint8_t>(packet).first(static_cast<size_t>(std::max<ssize_t>(0, count))), peer, raw);
        if (message.size() >= k_echo_bytes && message[0] == peer.reply &&
            std::equal(message.begin() + 6, message.begin() + 8, echo.begin() + 6)) {
            return Answer{"icmp", since(begin)};
        }
        if (ready && count < 0) {
            return std::optional<Answer>();  // The kernel says that nobody is there.
        }
    }
    return std::optional<Answer>();
}

}  // namespace

Result<std::optional<Answer>> probe(const IpAddress& address, const std::vector<MacAddress>& macs, Milliseconds limit)
{
    const Milliseconds half = limit / 2;
    if (const auto* v4 = std::get_if<Ipv4Address>(&address)) {
        if (auto answer = ask_by_arp(*v4, macs, half)) {
            return answer;
        }
    }
    return ask_by_echo(address, half);
}

}  // namespace vmferry::network
