#include "core/network/packet_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace vmferry::network {

namespace {

constexpr size_t k_frame_bytes_max = 2048;

Error failed(ErrorKind kind, const std::string& what)
{
    return Error(kind, what).with_cause(std::generic_category().message(errno));
}

}  // namespace

Result<PacketSocket> PacketSocket::open(const std::string& interface)
{
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) {
        return fail(Error(ErrorKind::not_found, fmt::format("this machine has no interface '{}'", interface))
                        .with_next("ip -br link"));
    }
    auto socket = open(static_cast<int>(index));
    return socket ? std::move(socket) : fail(std::move(socket).error().in("while opening interface " + interface));
}

Result<PacketSocket> PacketSocket::open(int interface_index)
{
    Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE_ARP)));
    if (!socket) {
        return fail(failed(ErrorKind::denied, "frames need the right to raw sockets (CAP_NET_RAW)")
                        .with_next("run it as root"));
    }
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETHERTYPE_ARP);
    address.sll_ifindex = interface_index;
    socklen_t length = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        return fail(failed(ErrorKind::failed, "the interface cannot be used"));
    }
    MacAddress mac;
    if (address.sll_hatype != ARPHRD_ETHER || address.sll_halen != mac.bytes.size()) {
        return fail(ErrorKind::usage, "the interface carries no Ethernet");
    }
    std::copy_n(address.sll_addr, mac.bytes.size(), mac.bytes.begin());
    return PacketSocket(std::move(socket), mac);
}

Result<> PacketSocket::send(const Frame& frame) const
{
    const ssize_t sent = ::send(m_socket.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(frame.size())) {
        return fail(failed(ErrorKind::failed, "a frame cannot be sent"));
    }
    return {};
}

Frame PacketSocket::receive(Milliseconds limit) const
{
    pollfd entry{m_socket.get(), POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(limit.count())) <= 0) {
        return {};
    }
    Frame frame(k_frame_bytes_max);
    const ssize_t count = ::recv(m_socket.get(), frame.data(), frame.size(), MSG_DONTWAIT);
    frame.resize(static_cast<size_t>(std::max<ssize_t>(0, count)));
    return frame;
}

}  // namespace vmferry::network
