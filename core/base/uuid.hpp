// UUIDs: of domains (given by libvirt) and of transactions (UUIDv7, made by us: sorts by time).

#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace vmferry {

/// A UUID in its lower-case 36-character form.
class Uuid {
public:
    Uuid() = default;
    /// Accepts upper case; kind `usage` for anything that is not a UUID.
    [[nodiscard]] static Result<Uuid> parse(std::string_view text);
    /// RFC 9562 version 7: 48 bits of Unix milliseconds, the rest from getrandom(2).
    [[nodiscard]] static Uuid make_v7();

    [[nodiscard]] const std::string& str() const { return m_text; }
    /// The first thirteen characters, as people quote them: in a UUIDv7 they are the time in
    /// milliseconds. Eight would be the same for all that is made within a minute.
    [[nodiscard]] std::string brief() const { return m_text.substr(0, 13); }
    [[nodiscard]] bool empty() const { return m_text.empty(); }
    auto operator<=>(const Uuid&) const = default;

private:
    explicit Uuid(std::string text) : m_text(std::move(text)) {}
    std::string m_text;
};

}  // namespace vmferry
