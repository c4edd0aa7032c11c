// Durations, sizes and rates as people write them. Every number carries its unit; a bare number is
// refused, because virsh reads MiB in one place and bytes in another.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry {

/// "300ms", "5m", "1h30m", "10d". Kind `usage` otherwise.
[[nodiscard]] Result<Milliseconds> parse_duration(std::string_view text);
/// "100MiB", "1G" (binary), "512KiB", "20B". In bytes.
[[nodiscard]] Result<uint64_t> parse_size(std::string_view text);
/// "1Gbit", "250MiB" (per second; a trailing "/s" is allowed). In bytes per second.
[[nodiscard]] Result<uint64_t> parse_rate(std::string_view text);

/// "183 ms", "2.1 s", "6m12s".
[[nodiscard]] std::string format_duration(Milliseconds duration);
/// IEC: "8.0 GiB".
[[nodiscard]] std::string format_size(uint64_t bytes);

}  // namespace vmferry
