#include "core/relay/uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/secret.hpp"

namespace vmferry::relay {

namespace {

constexpr std::string_view k_alpha = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view k_digits = "0123456789";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// Takes the text up to the first of `stops` from the front of `rest`.
std::string_view take_until(std::string_view& rest, std::string_view stops)
{
    const std::string_view taken = rest.substr(0, rest.find_first_of(stops));
    rest.remove_prefix(taken.size());
    return taken;
}

std::optional<char> decode_pair(std::string_view pair)
{
    unsigned int value = 0;
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    const bool whole = pair.size() == 2 && error == std::errc() && end == pair.data() + 2;
    // A NUL would silently cut the value short in every C library below us.
    return whole && value != 0 ? std::optional(static_cast<char>(value)) : std::nullopt;
}

Result<std::string> decode(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c <= ' ' || c == 0x7f) {
            return fail(ErrorKind::usage, "it has a space or a control character, which must be written as %XX");
        }
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto decoded = decode_pair(text.substr(i + 1, 2));
        if (!decoded) {
            return fail(ErrorKind::usage, fmt::format("'{}' is not a percent-encoded character", text.substr(i, 3)));
        }
        out += *decoded;
        i += 2;
    }
    return out;
}

Result<std::string> parse_port(std::string_view text)
{
    unsigned int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port > 65535) {
        return fail(ErrorKind::usage, fmt::format("'{}' is not a port", text));
    }
    return port == 0 ? std::string() : std::to_string(port);
}

/// Splits "host:port" or "[address]:port"; leaves what follows the host in `rest`.
Result<std::string> parse_host(std::string_view& rest)
{
    if (rest.empty() || rest.front() != '[') {
        return decode(take_until(rest, ":"));
    }
    rest.remove_prefix(1);
    const std::string_view address = take_until(rest, "]");
    if (rest.empty() || address.find(':') == std::string_view::npos) {
        return fail(ErrorKind::usage, "an IPv6 address is written as [ADDRESS]");
    }
    rest.remove_prefix(1);
    return decode(address);
}

Result<> parse_authority(std::string_view rest, Uri& uri)
{
    if (const size_t at = rest.find('@'); at != std::string_view::npos) {
        VMF_TRY_ASSIGN(uri.user, decode(rest.substr(0, at)));
        if (uri.user.find(':') != std::string::npos) {
            return fail(ErrorKind::usage, "a password does not belong in it: use a key or an agent");
        }
        rest.remove_prefix(at + 1);
        if (rest.find('@') != std::string_view::npos) {
            return fail(ErrorKind::usage, "an '@' in a user name is written as %40");
        }
    }
    VMF_TRY_ASSIGN(uri.host, parse_host(rest));
    if (rest.empty()) {
        return {};
    }
    if (rest.front() != ':') {
        return fail(ErrorKind::usage, fmt::format("'{}' follows the host name", rest));
    }
    VMF_TRY_ASSIGN(uri.port, parse_port(rest.substr(1)));
    return {};
}

Result<> parse_query(std::string_view rest, Uri& uri)
{
    while (!rest.empty()) {
        std::string_view item = take_until(rest, "&;");
        rest.remove_prefix(std::min<size_t>(rest.size(), 1));
        const std::string_view name = take_until(item, "=");
        if (name.empty()) {
            continue;
        }
        VMF_TRY_ASSIGN(std::string decoded_name, decode(name));
        VMF_TRY_ASSIGN(std::string value, decode(item.substr(std::min<size_t>(item.size(), 1))));
        uri.query.emplace_back(std::move(decoded_name), std::move(value));
    }
    return {};
}

Result<Uri> parse_parts(std::string_view rest)
{
    Uri uri;
    uri.scheme = take_until(rest, ":");
    const bool well_formed = std::all_of(uri.scheme.begin(), uri.scheme.end(), [](char c) {
        return is_one_of(c, k_alpha) || is_one_of(c, k_digits) || is_one_of(c, "+-.");
    });
    if (rest.substr(0, 3) != "://" || uri.scheme.empty() || !well_formed) {
        return fail(ErrorKind::usage, "it does not begin with a scheme, as in qemu+ssh://HOST/system");
    }
    rest.remove_prefix(3);
    if (rest.find('#') != std::string_view::npos) {
        return fail(ErrorKind::usage, "it has a fragment ('#'), which no libvirt host understands");
    }
    VMF_TRY(parse_authority(take_until(rest, "/?"), uri));
    VMF_TRY_ASSIGN(uri.path, decode(take_until(rest, "?")));
    if (!rest.empty()) {
        VMF_TRY(parse_query(rest.substr(1), uri));
    }
    return uri;
}

}  // namespace

Result<Uri> parse_uri(std::string_view text)
{
    auto uri = parse_parts(text);
    if (!uri) {
        return fail(Error(ErrorKind::usage, fmt::format("'{}' is not a host URI", redact_uri(text)))
                        .with_cause(uri.error().what())
                        .with_next("write it as qemu+ssh://[USER@]HOST[:PORT]/system"));
    }
    return uri;
}

std::string percent_encode(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (is_one_of(c, k_alpha) || is_one_of(c, k_digits) || is_one_of(c, "-._~")) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

}  // namespace vmferry::relay
