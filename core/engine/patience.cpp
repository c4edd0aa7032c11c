#include "core/engine/patience.hpp"

#include <algorithm>

#include "core/engine/acts.hpp"

namespace vmferry::engine {

namespace {

/// The source's daemon may still wait for the reply of Finish, for as long as its keepalive lasts; what it remembers of
/// the job, it tells only afterwards.
bool is_undecided(const Context& context, const RecoveryRow& row, const Situation& situation)
{
    const bool may_be_proved = row.action == Action::doubt && situation.target == TargetIs::complete &&
                               (situation.source == SourceIs::stopped || situation.source == SourceIs::died);
    return context.plan.peer_to_peer && situation.stage == Stage::fencing &&
           (row.action == Action::wait || may_be_proved);
}

}  // namespace

Milliseconds patience(const Context& context, const RecoveryRow& row, const Situation& situation)
{
    const Milliseconds settle = context.plan.limits.settle;
    if (row.action == Action::adopt) {
        return std::max(settle, context.plan.limits.transaction);
    }
    return is_undecided(context, row, situation) ? std::max(settle, return_limit(context)) : settle;
}

bool worth_waiting(const Context& context, const RecoveryRow& row, const Situation& situation)
{
    const bool away = situation.source == SourceIs::unreachable || situation.target == TargetIs::unreachable;
    return row.action == Action::wait || row.action == Action::adopt || (row.action == Action::doubt && away) ||
           is_undecided(context, row, situation);
}

}  // namespace vmferry::engine
