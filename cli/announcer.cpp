#include "cli/announcer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace vmferry::cli {

namespace {

/// An answer takes at least this long to come from a busy guest, whatever the interval.
constexpr Milliseconds k_answer_limit{500};

Result<AnnouncedInterface*> interface_for(std::vector<AnnouncedInterface>& interfaces, const std::string& mac_text)
{
    if (mac_text.empty()) {
        if (interfaces.size() != 1) {
            return fail(Error(ErrorKind::usage,
                              fmt::format("the VM has {} interfaces: which one has the address?", interfaces.size()))
                            .with_next("--probe MAC=ADDRESS"));
        }
        return &interfaces.front();
    }
    VMF_TRY_ASSIGN(const network::MacAddress mac, network::MacAddress::parse(mac_text));
    const auto found =
        std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& one) { return one.mac == mac; });
    if (found == interfaces.end()) {
        return fail(ErrorKind::usage, fmt::format("the VM has no interface {}", mac.str()));
    }
    return &*found;
}

network::Frame announcement(const network::MacAddress& mac, const network::IpAddress& address)
{
    const auto* v4 = std::get_if<network::Ipv4Address>(&address);
    return v4 != nullptr ? network::gratuitous_arp(mac, *v4)
                         : network::neighbour_advertisement(mac, std::get<network::Ipv6Address>(address));
}

}  // namespace

bool AnnouncedInterface::answers() const
{
    return std::all_of(addresses.begin(), addresses.end(),
                       [](const ProbedAddress& one) { return one.answer.has_value(); });
}

Result<std::vector<AnnouncedInterface>> interfaces_of(const model::DomainFacts& domain,
                                                      const std::vector<std::string>& probes)
{
    std::vector<AnnouncedInterface> interfaces;
    for (const model::Nic& nic : domain.nics) {
        if (nic.mac.empty()) {
            continue;
        }
        auto mac = network::MacAddress::parse(nic.mac);
        if (mac) {
            interfaces.push_back({*mac});
        }
    }
    for (const std::string& probe : probes) {
        const size_t equals = probe.find('=');
        const std::string mac = equals == std::string::npos ? "" : probe.substr(0, equals);
        VMF_TRY_ASSIGN(const network::IpAddress address,
                       network::parse_ip(equals == std::string::npos ? probe : probe.substr(equals + 1)));
        VMF_TRY_ASSIGN(AnnouncedInterface * interface, interface_for(interfaces, mac));
        interface->addresses.push_back({address});
    }
    return interfaces;
}

Announcer::Announcer(world::Controller& control, const Uuid& vm, std::vector<AnnouncedInterface> interfaces,
                     std::optional<network::PacketSocket> frames)
    : m_control(control), m_vm(vm), m_interfaces(std::move(interfaces)), m_frames(std::move(frames))
{
}

bool Announcer::verified() const
{
    return std::all_of(m_interfaces.begin(), m_interfaces.end(), [](const auto& one) { return one.verified(); });
}

Result<> Announcer::run(const AnnounceOrder& order)
{
    m_begin = Monotonic::now();
    while (m_rounds < order.rounds_max && !(order.until_verified && m_rounds > 0 && verified())) {
        const Deadline round(order.interval);
        VMF_TRY(announce());
        ++m_rounds;
        VMF_TRY(look(order.until_verified ? std::max(order.interval, k_answer_limit) : order.interval));
        std::this_thread::sleep_for(m_rounds < order.rounds_max ? round.left() : Milliseconds(0));
    }
    return {};
}

Result<> Announcer::announce()
{
    if (!m_frames) {
        return m_control.announce(m_vm, 1);
    }
    for (const AnnouncedInterface& one : m_interfaces) {
        VMF_TRY(m_frames->send(network::reverse_arp(one.mac)));
        for (const ProbedAddress& probed : one.addresses) {
            VMF_TRY(m_frames->send(announcement(one.mac, probed.address)));
        }
    }
    return {};
}

Result<> Announcer::look(Milliseconds limit)
{
    for (AnnouncedInterface& one : m_interfaces) {
        for (ProbedAddress& probed : one.addresses) {
            if (!probed.answer) {
                VMF_TRY_ASSIGN(probed.answer, network::probe(probed.address, {one.mac}, limit));
            }
        }
        // A machine whose bridges cannot be read has simply not seen it.
        const auto ports = network::learned_ports(one.mac);
        const auto since = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - m_begin);
        // The kernel counts in hundredths of a second.
        constexpr Milliseconds k_tick{10};
        for (const network::LearnedPort& port : ports ? *ports : std::vector<network::LearnedPort>()) {
            if (port.age <= since + k_tick) {
                one.learned = port;
            }
        }
    }
    return {};
}

}  // namespace vmferry::cli
