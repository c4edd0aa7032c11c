#include "core/checks/network_location.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

namespace vmferry::checks {

namespace {

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return result;
}

std::string_view without_brackets(std::string_view host)
{
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

/// Accepts all that a resolver would take for IPv4, "127.1" and "2130706433" included.
std::optional<uint32_t> ipv4(const std::string& host)
{
    in_addr address{};
    return ::inet_aton(host.c_str(), &address) != 0 ? std::optional(ntohl(address.s_addr)) : std::nullopt;
}

std::optional<std::array<uint8_t, 16>> ipv6(const std::string& host)
{
    std::array<uint8_t, 16> bytes{};
    const std::string without_scope = host.substr(0, host.find('%'));
    return ::inet_pton(AF_INET6, without_scope.c_str(), bytes.data()) == 1 ? std::optional(bytes) : std::nullopt;
}

Reach reach_of_ipv4(uint32_t address)
{
    if (address >> 24 == 127 || address == 0) {
        return Reach::loopback;
    }
    return address >> 16 == 0xa9fe ? Reach::link_local : Reach::everywhere;
}

Reach reach_of_ipv6(const std::array<uint8_t, 16>& bytes)
{
    const bool mapped = std::all_of(bytes.begin(), bytes.begin() + 10, [](uint8_t byte) { return byte == 0; }) &&
                        bytes[10] == 0xff && bytes[11] == 0xff;
    if (mapped) {
        return reach_of_ipv4(uint32_t{bytes[12]} << 24 | uint32_t{bytes[13]} << 16 | uint32_t{bytes[14]} << 8 |
                             bytes[15]);
    }
    if (std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t byte) { return byte == 0; }) && bytes[15] <= 1) {
        return Reach::loopback;
    }
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 ? Reach::link_local : Reach::everywhere;
}

/// "san:3260" -> "san"; "[::1]:3260" -> "::1". Without brackets "::1:3260" may be read in two ways:
/// both are given.
std::vector<std::string> hosts_of(std::string_view authority)
{
    if (authority.starts_with('[')) {
        const std::string inside(authority.substr(1));
        return {inside.substr(0, inside.find(']'))};
    }
    const std::string whole(authority);
    const std::string before_port = whole.substr(0, whole.rfind(':'));
    if (!ipv6(whole)) {
        return {before_port};
    }
    return ipv6(before_port) ? std::vector{whole, before_port} : std::vector{whole};
}

}  // namespace

NetworkLocation parse_location(std::string_view text)
{
    const size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        return {{}, {}, std::string(text)};
    }
    NetworkLocation location{lower(text.substr(0, scheme_end)), {}, {}};
    std::string_view rest = text.substr(scheme_end + 3);
    const size_t slash = std::min(rest.find('/'), rest.size());
    location.name = rest.substr(std::min(slash + 1, rest.size()));
    std::string_view authority = rest.substr(0, slash);
    while (!authority.empty()) {
        const size_t comma = std::min(authority.find(','), authority.size());
        for (std::string& host : hosts_of(authority.substr(0, comma))) {
            if (!host.empty()) {
                location.hosts.push_back(std::move(host));
            }
        }
        authority.remove_prefix(std::min(comma + 1, authority.size()));
    }
    return location;
}

Reach reach_of(std::string_view host)
{
    std::string name = lower(without_brackets(host));
    while (name.ends_with('.')) {
        name.pop_back();
    }
    if (const auto address = ipv4(name)) {
        return reach_of_ipv4(*address);
    }
    if (const auto address = ipv6(name)) {
        return reach_of_ipv6(*address);
    }
    const bool local = name.empty() || name.starts_with("localhost") || name.ends_with(".localhost") ||
                       name == "ip6-localhost" || name == "ip6-loopback";
    return local ? Reach::loopback : Reach::everywhere;
}

std::string doubt_about(std::string_view location, bool read_only)
{
    static constexpr std::array k_coherent{"iscsi", "iser", "rbd", "nbd", "nbds", "gluster", "nfs", "ssh"};
    static constexpr std::array k_read_only{"http", "https", "ftp", "ftps", "tftp"};
    const NetworkLocation place = parse_location(location);
    const std::string kind = place.protocol.substr(0, place.protocol.find('+'));
    const std::string transport = place.protocol.substr(std::min(kind.size(), place.protocol.size()));
    const auto is_in = [&](const auto& kinds) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
    if (!is_in(k_coherent) && !(read_only && is_in(k_read_only))) {
        return fmt::format("nothing is known about sharing by protocol '{}'", place.protocol);
    }
    if (transport == "+unix" || location.find("socket=") != std::string_view::npos) {
        return "it is reached through a UNIX socket, which is another one on each host";
    }
    if (place.hosts.empty()) {
        return "no server is named: each host looks into its own configuration for it";
    }
    for (const std::string& host : place.hosts) {
        if (reach_of(host) == Reach::loopback) {
            return fmt::format("'{}' is each host itself", host);
        }
        if (reach_of(host) == Reach::link_local) {
            return fmt::format("'{}' is a link-local address, which may be another machine for each host", host);
        }
    }
    return place.name.empty() ? "it names a server but no object there" : std::string();
}

bool is_numeric_address(std::string_view host)
{
    const std::string name(without_brackets(host));
    return ipv4(name).has_value() || ipv6(name).has_value();
}

}  // namespace vmferry::checks
