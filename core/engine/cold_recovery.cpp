#include "core/engine/cold_recovery.hpp"

#include "core/engine/decision_table.hpp"

namespace vmferry::engine {

namespace {

using S = ColdSourceIs;
using T = ColdTargetIs;
using A = ColdAction;

constexpr unsigned k_open = set(Stage::open);
constexpr unsigned k_abort = set(Stage::abort);
constexpr unsigned k_before = k_open | k_abort;
constexpr unsigned k_commit = set(Stage::commit);
constexpr unsigned k_any_stage = k_before | k_commit;
constexpr unsigned k_not_cold = set(Stage::intent, Stage::native, Stage::postcopy, Stage::fencing, Stage::resumed);

constexpr unsigned k_any_source = (1U << k_cold_source_count) - 1;
constexpr unsigned k_any_target = (1U << k_cold_target_count) - 1;
constexpr unsigned k_active = set(T::unmarked, T::runs);
constexpr unsigned k_ours = set(T::defined, T::runs);

constexpr ColdRow k_rows[] = {
    {"cold-foreign-stage", k_not_cold, k_any_source, k_any_target, A::doubt,
     "the journal has an entry that no move of a VM that is off writes"},
    {"cold-two-running", k_any_stage, set(S::runs, S::transient), k_active, A::doubt, "both hosts run the VM"},

    // Before COMMIT the VM is the source's. The target's definition is bolted and a copy: it goes.
    {"cold-source-unreachable", k_before, set(S::unreachable), k_any_target, A::doubt,
     "the source does not answer, and what was prepared there has to be taken back"},
    {"cold-back", k_before, set(S::off), k_any_target & ~k_active, A::back,
     "the VM is off at the source, and the target's definition was never to be used: take back what was prepared"},
    {"cold-target-started", k_before, set(S::off), k_active, A::doubt,
     "somebody has started the VM at the target before its move was through"},
    {"cold-started", k_before, set(S::runs), k_any_target & ~k_active, A::started,
     "somebody has started the VM at the source: there it stays"},
    {"cold-started-undefined", k_before, set(S::transient), set(T::none, T::foreign), A::started,
     "somebody has started the VM at the source, and removed its definition: there it stays"},
    {"cold-only-definition", k_any_stage, set(S::transient), set(T::unreachable, T::defined), A::doubt,
     "the VM runs at the source without a definition, and the only one that is left is the target's"},
    {"cold-source-undefined", k_open, set(S::gone), k_ours, A::forward,
     "somebody has removed the source's definition: the only one that is left is the target's"},
    {"cold-source-undefined-after-abort", k_abort, set(S::gone), k_ours, A::doubt,
     "the way back was decided, but the only definition that is left is the target's"},
    {"cold-undefined-target-away", k_before, set(S::gone), set(T::unreachable), A::doubt,
     "the source knows the VM no more, and the target, which may have its only definition, does not answer"},
    {"cold-gone", k_before, set(S::gone), set(T::none, T::foreign, T::unmarked), A::gone,
     "somebody has removed the VM from the source, and the target has nothing of this move"},

    // COMMIT: the target's definition is complete. It stays bolted until the source's is seen to be gone, so a VM that
    // the source still knows has not run at the target.
    {"cold-forward", k_commit, set(S::unreachable, S::off, S::gone), k_ours, A::forward,
     "the target owns the VM: the source's definition goes"},
    {"cold-forward-released", k_commit, set(S::gone), set(T::foreign, T::unmarked), A::forward,
     "the source knows the VM no more, and the target's definition is released already"},
    {"cold-commit-started", k_commit, set(S::runs), set(T::none, T::foreign, T::defined), A::started,
     "somebody has started the VM at the source, and the bolted definition at the target has not run: the source owns "
     "the VM"},
    {"cold-commit-started-target-away", k_commit, set(S::runs), set(T::unreachable), A::doubt,
     "the VM runs at the source, and the target does not answer"},
    {"cold-commit-undefined-everywhere", k_commit, set(S::transient), set(T::none, T::foreign), A::doubt,
     "the VM runs at the source, and no definition of this move is left"},
    {"cold-target-undefined", k_commit, set(S::off), set(T::none), A::back,
     "somebody has removed the target's definition, and the source's is still there"},
    {"cold-target-away", k_commit, set(S::off, S::gone, S::unreachable), set(T::unreachable), A::doubt,
     "the target owns the VM and does not answer"},
    {"cold-target-changed", k_commit, set(S::off, S::unreachable), set(T::foreign, T::unmarked), A::doubt,
     "the target's definition bears no marker of this move any more"},
    {"cold-nowhere", k_commit, set(S::unreachable), set(T::none), A::doubt,
     "the target knows the VM no more, and the source does not answer"},
    {"cold-commit-gone", k_commit, set(S::gone), set(T::none), A::gone, "somebody has removed the VM from both hosts"},
};

static_assert((k_any_stage | k_not_cold) == (1U << k_stage_count) - 1);

bool applies(const ColdRow& row, const ColdSituation& situation)
{
    return in(row.stages, situation.stage) && in(row.sources, situation.source) && in(row.targets, situation.target);
}

}  // namespace

std::span<const ColdRow> cold_table() { return k_rows; }

const ColdRow& decide(const ColdSituation& situation)
{
    return row_for(k_rows, [&](const ColdRow& row) { return applies(row, situation); });
}

ColdSourceIs classify_cold_source(const model::Observation& source)
{
    if (!source.reachable) {
        return ColdSourceIs::unreachable;
    }
    if (!source.exists) {
        return ColdSourceIs::gone;
    }
    if (!source.active()) {
        return ColdSourceIs::off;
    }
    return source.persistent ? ColdSourceIs::runs : ColdSourceIs::transient;
}

ColdTargetIs classify_cold_target(const model::Observation& target, const model::Plan& plan)
{
    if (!target.reachable) {
        return ColdTargetIs::unreachable;
    }
    if (!target.exists) {
        return ColdTargetIs::none;
    }
    const auto& marker = target.marker();
    const bool ours = marker && marker->transaction == plan.transaction && marker->epoch == plan.epoch;
    if (target.active()) {
        return ours ? ColdTargetIs::runs : ColdTargetIs::unmarked;
    }
    return ours ? ColdTargetIs::defined : ColdTargetIs::foreign;
}

std::string_view to_string(ColdSourceIs source)
{
    constexpr std::string_view k_names[] = {"unreachable", "off", "runs", "transient", "gone"};
    return k_names[static_cast<unsigned>(source)];
}

std::string_view to_string(ColdTargetIs target)
{
    constexpr std::string_view k_names[] = {"unreachable", "none", "foreign", "unmarked", "defined", "runs"};
    return k_names[static_cast<unsigned>(target)];
}

std::string_view to_string(ColdAction action)
{
    constexpr std::string_view k_names[] = {"back", "started", "forward", "gone", "doubt"};
    return k_names[static_cast<unsigned>(action)];
}

}  // namespace vmferry::engine
