#include "cli/hosts_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "cli/suggest.hpp"
#include "core/base/log.hpp"
#include "core/base/secret.hpp"

namespace vmferry::cli {

namespace {

constexpr const char* k_uri_example = "write it like qemu+ssh://root@HOST/system; see https://libvirt.org/uri.html";

bool is_word(char letter)
{
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_' || letter == '.';
}

bool is_scheme(std::string_view text)
{
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
           std::all_of(text.begin(), text.end(), [](char letter) { return is_word(letter) || letter == '+'; });
}

/// The port of "user@host:port", when there is one, must be a number.
bool is_authority(std::string_view text)
{
    const std::string_view host = text.substr(text.rfind('@') + 1);
    const size_t colon = host.rfind(':');
    if (colon == std::string_view::npos || host.back() == ']') {
        return true;
    }
    const std::string_view port = host.substr(colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    return error == std::errc() && end == port.data() + port.size() && number > 0 && number <= 65535;
}

/// What libvirt would refuse anyway, told before anything is opened.
bool is_uri(std::string_view text)
{
    const size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos || !is_scheme(text.substr(0, scheme_end))) {
        return false;
    }
    const std::string_view rest = text.substr(scheme_end + 3);
    const bool printable = std::all_of(text.begin(), text.end(), [](char one) { return one > ' ' && one < 127; });
    return printable && !rest.empty() && is_authority(rest.substr(0, rest.find('/')));
}

std::string own_name()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

const char* set(const char* variable)
{
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

Result<model::HostAddress> host_address(const Config& config, const std::string& name)
{
    if (const auto known = config.hosts.find(name); known != config.hosts.end()) {
        log::info("host {}: from [host.{}] of the configuration", name, name);
        return model::HostAddress{name, known->second.uri, known->second.migrate_host};
    }
    if (is_uri(name)) {
        log::info("host {}: a URI as given", redact_uri(name));
        return model::HostAddress{redact_uri(name), name, {}};
    }
    if (!name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), is_word)) {
        log::info("host {}: not in the configuration; libvirt may know it as an alias", name);
        return model::HostAddress{name, name, {}};
    }
    return fail(Error(ErrorKind::usage, fmt::format("'{}' is neither the name of a host nor a URI", redact_uri(name)))
                    .with_next(k_uri_example));
}

Result<model::HostAddress> source_address(const Config& config, const std::string& connect)
{
    if (!connect.empty()) {
        return host_address(config, connect);
    }
    for (const char* variable : {"VMFERRY_CONNECT", "LIBVIRT_DEFAULT_URI"}) {
        if (const char* value = set(variable)) {
            auto address = host_address(config, value);
            return address ? address : fail(std::move(address).error().in(fmt::format("in the variable {}", variable)));
        }
    }
    if (config.connect) {
        return host_address(config, *config.connect);
    }
    return model::HostAddress{own_name(), {}, {}};
}

Result<model::HostAddress> recorded_address(const Config& config, const std::string& label,
                                            const std::string& stored_uri)
{
    if (const auto known = config.hosts.find(label); known != config.hosts.end()) {
        return model::HostAddress{label, known->second.uri, known->second.migrate_host};
    }
    if (stored_uri.find("***") != std::string::npos) {
        return fail(Error(ErrorKind::unknown_host,
                          fmt::format("the journal keeps no secrets, so the URI of {} is not complete", label))
                        .with_next(fmt::format("add [host.\"{}\"] with its uri to the configuration", label)));
    }
    return model::HostAddress{label, stored_uri, {}};
}

Error as_unknown_host(const Config& config, const model::HostAddress& address, Error error)
{
    const bool is_alias = address.uri == address.label && !is_uri(address.uri);
    if (!is_alias || error.kind() != ErrorKind::usage) {
        return error;
    }
    const std::vector<std::string> names = config.host_names();
    const std::string known =
        names.empty() ? "the configuration names no host" : fmt::format("configured are: {}", fmt::join(names, ", "));
    return Error(ErrorKind::unknown_host, fmt::format("unknown host '{}'{} ({}; libvirt has no such alias)",
                                                      address.label, did_you_mean(address.label, names), known))
        .with_cause(error.cause())
        .with_next(fmt::format("add [host.{}] with its uri to the configuration, or give a URI", address.label));
}

}  // namespace vmferry::cli
