#include "core/engine/cold_recovery.hpp"

#include "core/engine/decision_table.hpp"

namespace vmferry::engine {

namespace {

using S = ColdSourceIs;
using T = ColdTargetIs;
using C = CopiesHold;
using A = ColdAction;

constexpr unsigned k_open = set(Stage::open);
constexpr unsigned k_abort = set(Stage::abort);
constexpr unsigned k_before = k_open | k_abort;
constexpr unsigned k_commit = set(Stage::commit);
constexpr unsigned k_any_stage = k_before | k_commit;
constexpr unsigned k_not_cold = set(Stage::intent, Stage::native, Stage::postcopy, Stage::fencing, Stage::resumed);

constexpr unsigned k_any_source = (1U << k_cold_source_count) - 1;
constexpr unsigned k_any_target = (1U << k_cold_target_count) - 1;
constexpr unsigned k_any_copies = (1U << k_copies_hold_count) - 1;
constexpr unsigned k_good = set(C::good);
constexpr unsigned k_active = set(T::unmarked, T::runs);
constexpr unsigned k_ours = set(T::defined, T::runs);

constexpr ColdRow k_rows[] = {
    {"cold-foreign-stage", k_not_cold, k_any_source, k_any_target, k_any_copies, A::doubt,
     "the journal has an entry that no move of a VM that is off writes"},
    {"cold-two-running", k_any_stage, set(S::runs, S::transient), k_active, k_any_copies, A::doubt,
     "both hosts run the VM"},

    // Before COMMIT the VM is the source's. The target's definition is bolted and a copy: it goes.
    {"cold-source-unreachable", k_before, set(S::unreachable), k_any_target, k_any_copies, A::doubt,
     "the source does not answer, and what was prepared there has to be taken back"},
    {"cold-back", k_before, set(S::off), k_any_target & ~k_active, k_any_copies, A::back,
     "the VM is off at the source, and the target's definition was never to be used: take back what was prepared"},
    {"cold-target-started", k_before, set(S::off), k_active, k_any_copies, A::doubt,
     "somebody has started the VM at the target before its move was through"},
    {"cold-started", k_before, set(S::runs), k_any_target & ~k_active, k_any_copies, A::started,
     "somebody has started the VM at the source: there it stays"},
    {"cold-started-undefined", k_before, set(S::transient), set(T::none, T::foreign), k_any_copies, A::started,
     "somebody has started the VM at the source, and removed its definition: there it stays"},
    {"cold-only-definition", k_any_stage, set(S::transient), set(T::unreachable, T::defined), k_any_copies, A::doubt,
     "the VM runs at the source without a definition, and the only one that is left is the target's"},
    {"cold-source-undefined", k_open, set(S::gone), k_ours, k_good, A::forward,
     "somebody has removed the source's definition: the only one that is left is the target's"},
    {"cold-source-undefined-copying", k_open, set(S::gone), k_ours, k_any_copies & ~k_good, A::doubt,
     "somebody has removed the source's definition, and the only one that is left names images that are not complete"},
    {"cold-source-undefined-after-abort", k_abort, set(S::gone), k_ours, k_any_copies, A::doubt,
     "the way back was decided, but the only definition that is left is the target's"},
    {"cold-undefined-target-away", k_before, set(S::gone), set(T::unreachable), k_any_copies, A::doubt,
     "the source knows the VM no more, and the target, which may have its only definition, does not answer"},
    {"cold-gone", k_before, set(S::gone), set(T::none, T::foreign, T::unmarked), k_any_copies, A::gone,
     "somebody has removed the VM from the source, and the target has nothing of this move"},

    // COMMIT: the target's definition is complete. It stays bolted until the source's is seen to be gone, so a VM that
    // the source still knows has not run at the target.
    {"cold-forward", k_commit, set(S::off, S::gone), k_ours, k_good, A::forward,
     "the target owns the VM: the source's definition goes"},
    {"cold-forward-source-away", k_commit, set(S::unreachable), k_ours, k_any_copies, A::forward,
     "the target owns the VM, and stays bolted until the source is seen"},
    {"cold-copies-stale", k_commit, set(S::off), set(T::defined), set(C::stale), A::back,
     "somebody has used the VM at the source since its images were copied: the originals are newer, and the bolted "
     "definition at the target has not run"},
    {"cold-copies-stale-elsewhere", k_commit, set(S::off), set(T::runs), set(C::stale), A::doubt,
     "the source's images are newer than the copies, and the VM runs at the target"},
    {"cold-copies-stale-undefined", k_commit, set(S::gone), k_ours, set(C::stale), A::doubt,
     "the source's images are newer than the copies, and its definition is gone: both sets are kept"},
    {"cold-copies-unseen", k_commit, set(S::off, S::gone), k_ours, set(C::unseen), A::doubt,
     "whether the source's images are newer than the copies cannot be seen"},
    {"cold-forward-released", k_commit, set(S::gone), set(T::foreign, T::unmarked), k_any_copies, A::forward,
     "the source knows the VM no more, and the target's definition is released already"},
    {"cold-commit-started", k_commit, set(S::runs), set(T::none, T::foreign, T::defined), k_any_copies, A::started,
     "somebody has started the VM at the source, and the bolted definition at the target has not run: the source owns "
     "the VM"},
    {"cold-commit-started-target-away", k_commit, set(S::runs), set(T::unreachable), k_any_copies, A::doubt,
     "the VM runs at the source, and the target does not answer"},
    {"cold-commit-undefined-everywhere", k_commit, set(S::transient), set(T::none, T::foreign), k_any_copies, A::doubt,
     "the VM runs at the source, and no definition of this move is left"},
    {"cold-target-undefined", k_commit, set(S::off), set(T::none), k_any_copies, A::back,
     "somebody has removed the target's definition, and the source's is still there"},
    {"cold-target-away", k_commit, set(S::off, S::gone, S::unreachable), set(T::unreachable), k_any_copies, A::doubt,
     "the target owns the VM and does not answer"},
    {"cold-target-changed", k_commit, set(S::off, S::unreachable), set(T::foreign, T::unmarked), k_any_copies, A::doubt,
     "the target's definition bears no marker of this move any more"},
    {"cold-nowhere", k_commit, set(S::unreachable), set(T::none), k_any_copies, A::doubt,
     "the target knows the VM no more, and the source does not answer"},
    {"cold-commit-gone", k_commit, set(S::gone), set(T::none), k_any_copies, A::gone,
     "somebody has removed the VM from both hosts"},
};

static_assert((k_any_stage | k_not_cold) == (1U << k_stage_count) - 1);

bool applies(const ColdRow& row, const ColdSituation& situation)
{
    return in(row.stages, situation.stage) && in(row.sources, situation.source) && in(row.targets, situation.target) &&
           in(row.copies, situation.copies);
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
