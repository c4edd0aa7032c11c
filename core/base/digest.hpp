// SHA-256 by OpenSSL.

#pragma once

#include <string>
#include <string_view>

#include "core/base/json.hpp"

namespace vmferry {

/// Lower-case hexadecimal, two digits for each byte.
[[nodiscard]] std::string hex_of(std::string_view bytes);

/// Lower-case hexadecimal SHA-256 of `bytes` (64 characters).
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// The same of a value's canonical text.
[[nodiscard]] std::string canonical_digest(const Json& value);

}  // namespace vmferry
