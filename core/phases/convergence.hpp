// When a move does not converge: the schedule by which the allowed downtime rises.
//
// It starts low and rises only stepwise. Low is quick (the remaining set at the stop is most of the
// gap) and safe: what is left fits the socket's send buffer, so that QEMU cannot hang in sendmsg with
// its big lock held when the link is cut in the switch.
//
// A pass is as large as what the guest dirtied during the one before. As long as each is clearly smaller than
// all before, patience alone leads to the lowest gap, and the limit stays where it is.

#pragma once

#include <optional>

#include "core/base/clock.hpp"
#include "core/model/schedule.hpp"
#include "core/world/migration.hpp"

namespace vmferry::phases {

class Convergence {
public:
    explicit Convergence(const model::Schedule& schedule)
        : m_downtime(schedule.first_downtime), m_most(schedule.max_downtime), m_stall(schedule.stall)
    {
    }

    /// Takes a sample in. A new, higher limit when passes go by without becoming smaller; nullopt to leave it.
    [[nodiscard]] std::optional<Milliseconds> next_downtime(const world::MigrationProgress& progress, Milliseconds now);
    /// Passes have gone by without becoming smaller for too long. As of the last sample.
    [[nodiscard]] bool stalled() const { return m_stalled; }
    /// Neither patience nor more downtime helps: the limit is as high as it may be, and passes go by without becoming
    /// smaller. As of the last sample.
    [[nodiscard]] bool hopeless() const;
    [[nodiscard]] Milliseconds downtime() const { return m_downtime; }

private:
    void judge(const world::MigrationProgress& progress, Milliseconds now);

    Milliseconds m_downtime;
    Milliseconds m_most;
    Milliseconds m_stall;
    std::optional<Milliseconds> m_raised_at;
    uint64_t m_pass = 0;
    std::optional<uint64_t> m_smallest;  ///< Of the passes after the first, in bytes.
    int m_flat = 0;                      ///< Passes since one was smaller.
    Milliseconds m_shrank_at{0};         ///< When a pass that is smaller than all before was last under way.
    bool m_stalled = false;
};

}  // namespace vmferry::phases
