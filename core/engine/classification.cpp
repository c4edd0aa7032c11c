// What a host shows, read as what it means for a decision.

#include "core/engine/instance.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

namespace {

bool carries(const std::optional<model::Marker>& marker, const model::Plan& plan)
{
    return marker && marker->transaction == plan.transaction && marker->epoch == plan.epoch;
}

bool in_postcopy(const model::Observation& seen)
{
    return seen.reason == model::StateReason::postcopy || seen.reason == model::StateReason::postcopy_failed;
}

SourceIs classify_stopped_source(const model::Observation& source)
{
    using model::StateReason;
    switch (source.reason) {
    case StateReason::migrated: return SourceIs::ended;
    case StateReason::shutdown:
    case StateReason::destroyed: return SourceIs::stopped;
    default: return SourceIs::died;
    }
}

}  // namespace

SourceIs classify_source(const model::Observation& source, const model::BeforeImage& before, const model::Plan& plan,
                         bool host_dead)
{
    using model::RunState;
    if (!source.reachable) {
        return host_dead ? SourceIs::dead : SourceIs::unreachable;
    }
    if (!source.exists) {
        return SourceIs::died;
    }
    if (!source.active()) {
        return classify_stopped_source(source);
    }
    const bool other_instance = is_other_instance(source, before);
    if (!other_instance && source.state == RunState::paused && in_postcopy(source)) {
        return SourceIs::postcopy;  // Its job stays as long as the rest of the memory is wanted.
    }
    // One whose emulator is just ending is off in a moment, and only then tells how.
    if (source.job_active || source.state == RunState::shutting_down) {
        return SourceIs::working;
    }
    if (other_instance) {
        return SourceIs::other_instance;
    }
    if (source.state == RunState::running) {
        return SourceIs::runs;
    }
    const bool for_the_switch = source.reason == model::StateReason::migration;
    const bool as_its_user_left_it = plan.was_paused && source.reason == model::StateReason::user;
    return source.state == RunState::paused && (for_the_switch || as_its_user_left_it) ? SourceIs::held
                                                                                       : SourceIs::paused_other;
}

TargetIs classify_target(const model::Observation& target, const model::Plan& plan, bool host_dead)
{
    using model::RunState;
    using model::StateReason;
    if (!target.reachable) {
        return host_dead ? TargetIs::dead : TargetIs::unreachable;
    }
    if (!target.exists) {
        return TargetIs::none;
    }
    if (!carries(target.active() ? target.live_marker : target.inactive_marker, plan)) {
        return target.active() ? TargetIs::unmarked : TargetIs::foreign;
    }
    if (!target.active()) {
        return TargetIs::defined;
    }
    if (in_postcopy(target)) {
        return target.reason == StateReason::postcopy ? TargetIs::postcopy : TargetIs::broken;
    }
    if (target.state == RunState::running) {
        return TargetIs::running;
    }
    if (target.state == RunState::paused) {
        // One that libvirt starts by itself is never seen between its load and its first instruction.
        const bool arrives_paused = plan.switch_mode != model::SwitchMode::native || plan.was_paused;
        switch (target.reason) {
        case StateReason::migration:
        case StateReason::starting_up: return TargetIs::incoming;
        case StateReason::user: return arrives_paused ? TargetIs::complete : TargetIs::halted;
        default: break;
        }
    }
    // Stopped (by a full disk) with its job still there: not all of the memory has arrived.
    return plan.may_postcopy() && target.job_active ? TargetIs::postcopy : TargetIs::halted;
}

}  // namespace vmferry::engine
