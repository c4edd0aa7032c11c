#include "core/relay/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace vmferry::relay {

namespace {

/// The client's own parameters; all others are passed to the daemon.
constexpr std::array<std::string_view, 17> k_consumed{
    "name",    "command",      "socket", "auth",  "authfile",  "sshauth",   "netcat",      "keyfile",
    "pkipath", "tls_priority", "mode",   "proxy", "no_sanity", "no_verify", "known_hosts", "known_hosts_verify",
    "no_tty"};

}  // namespace

std::string lower_case(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); });
    return out;
}

const std::string* Parameters::find(std::string_view name) const
{
    const auto found = std::find_if(m_uri.query.rbegin(), m_uri.query.rend(),
                                    [&](const auto& item) { return lower_case(item.first) == name; });
    return found == m_uri.query.rend() ? nullptr : &found->second;
}

std::string Parameters::text(std::string_view name, std::string_view absent) const
{
    const std::string* value = find(name);
    return value != nullptr ? *value : std::string(absent);
}

Result<bool> Parameters::flag(std::string_view name) const
{
    const std::string* value = find(name);
    if (value == nullptr) {
        return false;
    }
    int number = 0;
    const char* end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return fail(ErrorKind::usage, fmt::format("the value of '{}' must be 0 or 1, not '{}'", name, *value));
    }
    return number != 0;
}

std::string Parameters::driver_uri() const
{
    if (const std::string* name = find("name")) {
        return *name;
    }
    std::string out = "qemu://" + m_uri.path;
    char separator = '?';
    for (const auto& [name, value] : m_uri.query) {
        if (std::find(k_consumed.begin(), k_consumed.end(), lower_case(name)) == k_consumed.end()) {
            out += fmt::format("{}{}={}", separator, name, percent_encode(value));
            separator = '&';
        }
    }
    return out;
}

}  // namespace vmferry::relay
