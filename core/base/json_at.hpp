// What stands under a key of a JSON value that others wrote. Never throws: it may be no object, and the value may
// be missing or of another type.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.hpp"

namespace vmferry {

[[nodiscard]] std::string text_at(const Json& object, const char* key);  ///< Else empty.
[[nodiscard]] bool flag_at(const Json& object, const char* key);         ///< Else false.
[[nodiscard]] int64_t integer_at(const Json& object, const char* key, int64_t otherwise);
/// The texts of a list; what is none in it is left out.
[[nodiscard]] std::vector<std::string> texts_at(const Json& object, const char* key);

}  // namespace vmferry
