#include "core/network/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace vmferry::network {

Result<MacAddress> MacAddress::parse(std::string_view text)
{
    constexpr size_t k_letters = 17;
    MacAddress address;
    bool good = text.size() == k_letters;
    for (size_t i = 0; good && i < address.bytes.size(); ++i) {
        const char* begin = text.data() + 3 * i;
        const auto [end, error] = std::from_chars(begin, begin + 2, address.bytes[i], 16);
        good = error == std::errc() && end == begin + 2 && (i + 1 == address.bytes.size() || *end == ':');
    }
    if (!good) {
        return fail(ErrorKind::usage, fmt::format("'{}' is not a MAC address like 52:54:00:aa:bb:cc", text));
    }
    return address;
}

std::string MacAddress::str() const { return fmt::format("{:02x}", fmt::join(bytes, ":")); }

Result<IpAddress> parse_ip(const std::string& text)
{
    Ipv4Address v4;
    Ipv6Address v6;
    const bool is_v4 = ::inet_pton(AF_INET, text.c_str(), v4.bytes.data()) == 1;
    const bool is_v6 = ::inet_pton(AF_INET6, text.c_str(), v6.bytes.data()) == 1;
    const bool many = is_v4 ? v4.bytes[0] >= 224 : v6.bytes[0] == 0xff;
    const bool none = is_v4 ? v4 == Ipv4Address{} : v6 == Ipv6Address{};
    if ((!is_v4 && !is_v6) || many || none) {
        return fail(ErrorKind::usage, fmt::format("'{}' is not the IP address of one host", text));
    }
    return is_v4 ? IpAddress(v4) : IpAddress(v6);
}

std::string to_string(const IpAddress& address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (const auto* v4 = std::get_if<Ipv4Address>(&address)) {
        ::inet_ntop(AF_INET, v4->bytes.data(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, std::get<Ipv6Address>(address).bytes.data(), text.data(), text.size());
    }
    return text.data();
}

}  // namespace vmferry::network
