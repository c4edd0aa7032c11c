// "Since when", as people say it.

#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"

namespace vmferry::cli {

/// Wall time in milliseconds since 1970: "24h" is that long before `now_ms`; "2026-11-21" and
/// "2026-11-21T18:25:00Z" are points in time, UTC. Kind `usage` otherwise.
[[nodiscard]] Result<int64_t> parse_since(const std::string& text, int64_t now_ms);

}  // namespace vmferry::cli
