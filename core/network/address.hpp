// Ethernet and IP addresses as values.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/result.hpp"

namespace vmferry::network {

struct MacAddress {
    std::array<uint8_t, 6> bytes{};

    /// "52:54:00:aa:bb:cc", in any case. Kind `usage` otherwise.
    [[nodiscard]] static Result<MacAddress> parse(std::string_view text);
    [[nodiscard]] std::string str() const;
    auto operator<=>(const MacAddress&) const = default;
};

struct Ipv4Address {
    std::array<uint8_t, 4> bytes{};
    auto operator<=>(const Ipv4Address&) const = default;
};

struct Ipv6Address {
    std::array<uint8_t, 16> bytes{};
    auto operator<=>(const Ipv6Address&) const = default;
};

using IpAddress = std::variant<Ipv4Address, Ipv6Address>;

/// Kind `usage` for anything that is not a numeric address of one host.
[[nodiscard]] Result<IpAddress> parse_ip(const std::string& text);
[[nodiscard]] std::string to_string(const IpAddress& address);

}  // namespace vmferry::network
