// Whole Ethernet frames in and out of one interface (packet(7)). Needs CAP_NET_RAW.

#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/network/frames.hpp"

namespace vmferry::network {

class PacketSocket {
public:
    /// Kind `denied` without the right to raw sockets, `not_found` for an interface that is not there,
    /// `usage` for one that carries no Ethernet.
    [[nodiscard]] static Result<PacketSocket> open(const std::string& interface);
    [[nodiscard]] static Result<PacketSocket> open(int interface_index);

    /// The interface's own address.
    [[nodiscard]] const MacAddress& mac() const { return m_mac; }
    /// Kind `failed`, also while the interface is down.
    [[nodiscard]] Result<> send(const Frame& frame) const;
    /// The next ARP frame that comes in; empty when there is none within `limit`.
    [[nodiscard]] Frame receive(Milliseconds limit) const;

private:
    PacketSocket(Fd socket, MacAddress mac) : m_socket(std::move(socket)), m_mac(mac) {}
    Fd m_socket;
    MacAddress m_mac;
};

}  // namespace vmferry::network
