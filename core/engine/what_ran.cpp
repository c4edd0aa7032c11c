#include "core/engine/what_ran.hpp"

#include "core/base/json_at.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::engine {

namespace {

/// Of one that lost our marker meanwhile, too: nobody else's was there when the move began.
bool target_ran(TargetIs is, const model::Observation& target)
{
    const bool unmarked = is == TargetIs::unmarked && target.state == model::RunState::running;
    const bool shut_down = is == TargetIs::defined && target.reason == model::StateReason::shutdown;
    return is == TargetIs::running || is == TargetIs::halted || unmarked || shut_down;
}

}  // namespace

void remember_what_runs(Context& context, Stage stage, const model::Observation& source,
                        const model::Observation& target)
{
    if (stage == Stage::open) {
        return;
    }
    const SourceIs is = classify_source(source, context.before, context.plan, false);
    const bool anew = is == SourceIs::other_instance;
    context.source_started_anew = context.source_started_anew || anew;
    if (stage != Stage::resumed && target_ran(classify_target(target, context.plan, false), target)) {
        context.target_has_run = is != SourceIs::runs && !anew;
    }
}

void recall_what_ran(Context& context, std::span<const journal::Entry> entries)
{
    for (const journal::Entry& entry : entries) {
        if (entry.kind != journal::Kind::note || entry.object != k_recovery_note || !entry.body->is_object()) {
            continue;
        }
        const std::string source = text_at(entry.body, "source");
        const bool shown = source == to_string(SourceIs::other_instance) || source == to_string(SourceIs::ran_on);
        const bool called = text_at(entry.body, "stage") != to_string(Stage::open);
        context.source_started_anew =
            context.source_started_anew || (shown && called) || flag_at(entry.body, k_source_started_anew);
        if (entry.body->contains(k_target_has_run)) {
            context.target_has_run = flag_at(entry.body, k_target_has_run);
        }
    }
}

TargetIs owner_without_marker(Stage stage, TargetIs is, const model::Observation& target)
{
    const bool committed = stage == Stage::commit || stage == Stage::fencing;
    const bool runs = is == TargetIs::unmarked && target.state == model::RunState::running;
    return committed && runs ? TargetIs::running : is;
}

Situation after_a_run(Situation is)
{
    const bool undecided = is.stage == Stage::intent || is.stage == Stage::native || is.stage == Stage::postcopy ||
                           is.stage == Stage::abort || is.stage == Stage::fencing;
    const bool runs =
        is.target == TargetIs::running || is.target == TargetIs::postcopy || is.target == TargetIs::broken;
    if (undecided && !runs) {
        is.stage = Stage::commit;
    }
    if (is.target == TargetIs::complete) {
        is.target = TargetIs::halted;
    }
    return is;
}

}  // namespace vmferry::engine
