// The query parameters of a host URI by libvirt's rules: names in any case, the last one counts.

#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/relay/uri.hpp"

namespace vmferry::relay {

/// A view of a Uri, which must outlive it.
class Parameters {
public:
    explicit Parameters(const Uri& uri) : m_uri(uri) {}

    /// Null when the parameter was not given; empty when it was given without a value.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    [[nodiscard]] std::string text(std::string_view name, std::string_view absent = "") const;
    /// False when not given; kind `usage` for a value that is no whole number.
    [[nodiscard]] Result<bool> flag(std::string_view name) const;

    /// What libvirt's client asks the daemon to open: `name`, or else the URI without transport, host
    /// and the parameters that are the client's own.
    [[nodiscard]] std::string driver_uri() const;

private:
    const Uri& m_uri;
};

/// ASCII only: locales have no say in URIs.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace vmferry::relay
