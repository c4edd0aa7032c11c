// Time. Limits and durations are monotonic; wall time is only for people and the audit trail.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vmferry {

using Milliseconds = std::chrono::milliseconds;
using Monotonic = std::chrono::steady_clock;

/// Wall time as milliseconds since 1970, for the journal.
[[nodiscard]] int64_t wall_clock_ms();

/// RFC 3339, UTC, with milliseconds: "2026-11-21T18:25:00.123Z".
[[nodiscard]] std::string rfc3339(int64_t wall_ms);

/// A point in time until which something may take; never longer than asked, however often waited.
class Deadline {
public:
    explicit Deadline(Milliseconds limit) : m_end(Monotonic::now() + limit) {}
    [[nodiscard]] Milliseconds left() const
    {
        const auto rest = std::chrono::ceil<Milliseconds>(m_end - Monotonic::now());
        return rest.count() > 0 ? rest : Milliseconds(0);
    }
    [[nodiscard]] bool over() const { return left().count() == 0; }

private:
    Monotonic::time_point m_end;
};

}  // namespace vmferry
