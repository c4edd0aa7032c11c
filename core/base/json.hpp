// JSON values. `Json` sorts its keys, so `dump()` of it is canonical: the same value always gives
// the same bytes, which digests and signatures rely on.

#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "core/base/result.hpp"

namespace vmferry {

using Json = nlohmann::json;
/// Keeps the order in which keys were set: for output that people read.
using OrderedJson = nlohmann::ordered_json;

/// Parses text that we wrote or a user gave. Kind `usage` on malformed text, with the place.
[[nodiscard]] Result<Json> parse_json(const std::string& text);

/// Bytes that are not UTF-8 (host messages) are replaced, so this never throws.
[[nodiscard]] std::string dump_json(const Json& value, int indent = -1);

}  // namespace vmferry
