// What all recoveries do: look twice, find the row, act, look again.

#pragma once

#include <string>
#include <string_view>

#include "core/engine/ending.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::engine {

/// Two looks this far apart must agree before anything is done.
inline constexpr Milliseconds k_second_look{30};
inline constexpr int k_most_looks = 100;
/// Between an act, or a host that is waited for, and the next look.
inline constexpr Milliseconds k_retry_pause{200};

/// Looks until two looks in a row show the same situation. Once only where it is worth_waiting(situation).
template <typename Diagnosis, typename Look>
void look_twice(Context& context, Diagnosis& seen, Look look)
{
    look(context, seen);
    for (int count = 0; count < k_most_looks && !worth_waiting(seen.situation); ++count) {
        const auto before = seen.situation;
        context.world.clock.sleep(k_second_look);
        look(context, seen);
        if (seen.situation == before) {
            break;
        }
    }
}

/// Tells a row once, to people and to the journal.
template <typename Diagnosis>
void note_row(Context& context, const Diagnosis& seen, std::string_view& last_row)
{
    if (seen.row->name != last_row) {
        last_row = seen.row->name;
        context.reporter.settling(std::string(seen.row->reason));
        context.record_or_warn(journal::Kind::note, std::string(k_recovery_note), diagnosis_json(seen));
    }
}

/// Acts by a table of recovery until there is an outcome. `Settlement` has diagnose(), older(seen): why the journal is
/// an older copy of itself; note(seen), waits(seen): looking again may help; act(seen): nothing when it has to look
/// again; in_doubt(seen).
template <typename Settlement>
Outcome settle_by(Context& context, Settlement& settlement)
{
    const Milliseconds end = context.world.clock.now() + context.plan.limits.settle;
    while (true) {
        const auto seen = settlement.diagnose();
        if (!seen) {
            return end_unread(context, seen.error());
        }
        if (const auto why = settlement.older(*seen)) {
            return end_as_old_journal(context, *why);
        }
        settlement.note(*seen);
        const bool time_left = context.world.clock.now() < end;
        if (!settlement.waits(*seen) || !time_left) {
            if (auto outcome = settlement.act(*seen)) {
                return *outcome;
            }
            if (!time_left) {
                return settlement.in_doubt(*seen);
            }
        }
        context.world.clock.sleep(k_retry_pause);
    }
}

}  // namespace vmferry::engine
