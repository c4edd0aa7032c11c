// When a move does not converge: the schedule by which the allowed downtime rises.
//
// It starts low and rises only stepwise. Low is quick (the remaining set at the stop is most of the
// gap) and safe: what is left fits the socket's send buffer, so that QEMU cannot hang in sendmsg with
// its big lock held when the link is cut in the switch.

#pragma once

#include <optional>

#include "core/base/clock.hpp"
#include "core/world/migration.hpp"

namespace vmferry::phases {

class Convergence {
public:
    Convergence(Milliseconds first, Milliseconds most) : m_downtime(first), m_most(most) {}

    /// A new, higher limit when passes go by without an end; nullopt to leave it.
    [[nodiscard]] std::optional<Milliseconds> next_downtime(const world::MigrationProgress& progress, Milliseconds now);
    [[nodiscard]] Milliseconds downtime() const { return m_downtime; }

private:
    Milliseconds m_downtime;
    Milliseconds m_most;
    std::optional<Milliseconds> m_raised_at;
    uint64_t m_raised_in = 0;
};

}  // namespace vmferry::phases
