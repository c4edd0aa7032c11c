// Durations, sizes, rates, points in time and UUIDs, as options and the configuration have them.

#include "core/base/units.hpp"
#include "cli/since.hpp"
#include "core/base/uuid.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

void read_units(const std::string& text)
{
    if (const auto duration = parse_duration(text)) {
        require(duration->count() >= 0, "no duration is negative");
        require(!format_duration(*duration).empty(), "every duration can be said");
    }
    if (const auto size = parse_size(text)) {
        require(*size <= uint64_t{INT64_MAX}, "a size fits into what QEMU takes");
        require(!format_size(*size).empty(), "every size can be said");
    }
    if (const auto rate = parse_rate(text)) {
        require(*rate <= uint64_t{INT64_MAX}, "a rate fits into what QEMU takes");
    }
    if (const auto uuid = Uuid::parse(text)) {
        require(Uuid::parse(uuid->str()).value() == *uuid, "a UUID is read as it is written");
    }
    constexpr int64_t k_now_ms = 1795000000000;
    static_cast<void>(cli::parse_since(text, k_now_ms));
}

}  // namespace vmferry::fuzz
