// Does the memory stream get anywhere? Judged from its progress, without looking into the future.

#pragma once

#include <optional>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/world/migration.hpp"

namespace vmferry::cli {

enum class Verdict {
    unknown,         ///< The first pass: how fast the guest dirties its memory is not known yet.
    converging,      ///< Memory is sent faster than the guest changes it.
    not_converging,  ///< The guest changes its memory as fast as it is sent, or faster.
    stalled,         ///< Nothing has been sent for k_stall.
};

inline constexpr Milliseconds k_stall{3000};

[[nodiscard]] std::string_view to_string(Verdict verdict);  // "not-converging"

class Judge {
public:
    /// `now` is of any monotonic clock, always the same one.
    [[nodiscard]] Verdict judge(const world::MigrationProgress& progress, Milliseconds now);

private:
    uint64_t m_processed_bytes = 0;
    std::optional<Milliseconds> m_last_sent;
};

/// How long the rest takes at these rates; nullopt unless it converges.
[[nodiscard]] std::optional<Milliseconds> time_left(const world::MigrationProgress& progress, Verdict verdict);

}  // namespace vmferry::cli
