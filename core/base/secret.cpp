#include "core/base/secret.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vmferry {

namespace {

bool is_secret_key(std::string_view key)
{
    static constexpr std::array<std::string_view, 4> k_words{"passwd", "pass", "secret", "token"};
    std::string lower(key);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    // "keyfile" names a file and "sshauth" a method; both are needed to open the URI again.
    if (lower == "auth" || lower.ends_with("key")) {
        return true;
    }
    return std::any_of(k_words.begin(), k_words.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string redact_query(std::string_view query)
{
    std::string out;
    while (!query.empty()) {
        const size_t end = query.find_first_of("&;");
        const std::string_view item = query.substr(0, end);
        const size_t equals = item.find('=');
        if (equals != std::string_view::npos && is_secret_key(item.substr(0, equals))) {
            out += std::string(item.substr(0, equals + 1)) + "***";
        } else {
            out += item;
        }
        if (end == std::string_view::npos) {
            break;
        }
        out += query[end];
        query = query.substr(end + 1);
    }
    return out;
}

}  // namespace

std::string redact_uri(std::string_view uri)
{
    std::string out;
    std::string_view rest = uri;
    if (const size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
        out += rest.substr(0, scheme + 3);
        rest = rest.substr(scheme + 3);
        const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
        // The last '@' ends the user information: a password may hold one itself.
        if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
            const std::string_view user = authority.substr(0, at);
            const size_t colon = user.find(':');
            out += user.substr(0, colon);
            out += colon == std::string_view::npos ? "@" : ":***@";
            rest = rest.substr(at + 1);
        }
    }
    const size_t question = rest.find('?');
    out += rest.substr(0, question);
    if (question != std::string_view::npos) {
        out += '?';
        out += redact_query(rest.substr(question + 1));
    }
    return out;
}

}  // namespace vmferry
