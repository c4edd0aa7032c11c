// Rounds of announcements of one VM, and whether the network has heard them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/model/domain.hpp"
#include "core/network/netlink.hpp"
#include "core/network/packet_socket.hpp"
#include "core/network/probe.hpp"
#include "core/world/host.hpp"

namespace vmferry::cli {

/// An address of the VM that is to answer.
struct ProbedAddress {
    network::IpAddress address;
    std::optional<network::Answer> answer{};
};

/// One of the VM's interfaces, and what was found out about it.
struct AnnouncedInterface {
    network::MacAddress mac;
    std::vector<ProbedAddress> addresses{};
    std::optional<network::LearnedPort> learned{};  ///< A bridge of this machine heard it since the first round.

    [[nodiscard]] bool answers() const;
    /// Something outside of the VM's host, or its bridge, was seen to know the way.
    [[nodiscard]] bool verified() const { return addresses.empty() ? learned.has_value() : answers(); }
};

/// "ADDRESS" for a VM with one interface, else "MAC=ADDRESS". Kind `usage`.
[[nodiscard]] Result<std::vector<AnnouncedInterface>> interfaces_of(const model::DomainFacts& domain,
                                                                    const std::vector<std::string>& probes);

struct AnnounceOrder {
    int rounds_max = 5;
    Milliseconds interval{100};
    bool until_verified = false;  ///< Stop as soon as every interface is verified.
};

class Announcer {
public:
    /// Without `frames` the VM's emulator is asked to announce. `control` must outlive it.
    Announcer(world::Controller& control, const Uuid& vm, std::vector<AnnouncedInterface> interfaces,
              std::optional<network::PacketSocket> frames);

    /// Rounds until seen or the limit. Not being seen is no error: ask verified().
    [[nodiscard]] Result<> run(const AnnounceOrder& order);

    [[nodiscard]] const std::vector<AnnouncedInterface>& interfaces() const { return m_interfaces; }
    [[nodiscard]] int rounds() const { return m_rounds; }
    [[nodiscard]] const char* method() const { return m_frames ? "frames" : "qmp"; }
    [[nodiscard]] bool verified() const;

private:
    [[nodiscard]] Result<> announce();
    [[nodiscard]] Result<> look(Milliseconds limit);

    world::Controller& m_control;
    Uuid m_vm;
    std::vector<AnnouncedInterface> m_interfaces;
    std::optional<network::PacketSocket> m_frames;
    int m_rounds = 0;
    Monotonic::time_point m_begin = Monotonic::now();
};

}  // namespace vmferry::cli
