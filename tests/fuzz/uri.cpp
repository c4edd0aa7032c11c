// Host URIs of the command line and the configuration.

#include "core/relay/uri.hpp"
#include "core/base/secret.hpp"
#include "core/relay/endpoint.hpp"
#include "core/relay/parameters.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

void read_uri(const std::string& text)
{
    static_cast<void>(redact_uri(text));
    if (const auto endpoint = relay::endpoint_of(text)) {
        require(!relay::describe(*endpoint).empty(), "every end-point can be said");
    }
    const auto uri = relay::parse_uri(text);
    if (!uri) {
        return;
    }
    const relay::Parameters parameters(*uri);
    static_cast<void>(parameters.driver_uri());
    for (const auto& [name, value] : uri->query) {
        static_cast<void>(parameters.flag(name));
        require(parameters.has(name), "a parameter that is there is found");
        require(value.find('\0') == std::string::npos, "no NUL byte is let in");
    }
}

}  // namespace vmferry::fuzz
