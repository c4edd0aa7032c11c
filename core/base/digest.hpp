// SHA-256 by OpenSSL.

#pragma once

#include <string>
#include <string_view>

namespace vmferry {

/// Lower-case hexadecimal SHA-256 of `bytes` (64 characters).
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace vmferry
