// Recovery as data: which act settles a transaction, given its last decisive entry and what the two
// hosts show. RECOVERY.md tells the table with its reasons; tests/unit/core/engine/recovery_test
// enumerates every combination and finds exactly one row for each.

#pragma once

#include <span>
#include <string_view>

#include "core/model/before_image.hpp"
#include "core/model/observation.hpp"
#include "core/model/plan.hpp"

namespace vmferry::engine {

/// The last decisive entry of the journal.
enum class Stage : unsigned {
    open,      ///< BEGIN to RESERVED: the migrate call was never made.
    intent,    ///< SWITCH_INTENT: the call may have been made and may have switched.
    native,    ///< SWITCH_INTENT of a move whose target libvirt itself starts: it may have run, too.
    postcopy,  ///< POSTCOPY: the target may run while the source has the rest of its memory.
    abort,     ///< ABORT_INTENT: COMMIT is forbidden.
    fencing,   ///< COMMIT, and the source's end is not proved yet: while it is there, the target was not started.
    commit,    ///< COMMIT: the target owns the VM, though it may not have run yet.
    resumed,   ///< RESUMED or later: the guest has run at the target.
};
inline constexpr unsigned k_stage_count = 8;

/// What the source is, as far as a decision depends on it.
enum class SourceIs : unsigned {
    unreachable,     ///< No answer.
    dead,            ///< No answer, and the operator said that the host is fenced.
    working,         ///< A job is active, or its emulator is just ending.
    runs,            ///< The same instance, running.
    held,            ///< The same instance, stopped for the switch (or as its user had paused it).
    paused_other,    ///< The same instance, stopped by somebody or something else.
    postcopy,        ///< The same instance, in a post-copy that flows or broke: it never runs again.
    other_instance,  ///< Another running instance: the host or a human started it anew.
    ended,           ///< Off, by libvirt's Confirm or where it stood: it has not run since the memory stream ended.
    stopped,         ///< Off: the guest shut down, or somebody destroyed it.
    died,            ///< Off for another or an unknown reason, or absent.
    ran_on,          ///< Off, and the guest has run there since its memory was copied.
};
inline constexpr unsigned k_source_count = 12;

/// What the target is. Apart from `foreign` and `unmarked`, what is there carries this transaction's marker.
enum class TargetIs : unsigned {
    unreachable,
    dead,      ///< No answer, and the operator said that the host is fenced.
    none,      ///< No such domain.
    foreign,   ///< A definition of this UUID without our marker, off: never touched.
    unmarked,  ///< An active domain of this UUID without our marker: never touched, may be our copy.
    defined,   ///< Our definition, not running.
    incoming,  ///< Loading: incomplete, has executed nothing.
    complete,  ///< Loaded and paused; before RESUMED: has executed nothing.
    postcopy,  ///< Runs, and has not got all of its memory yet.
    broken,    ///< The same, and its emulator has seen the stream break.
    running,
    halted,  ///< Active but stopped for another reason: it has run.
};
inline constexpr unsigned k_target_count = 12;

enum class Action {
    wait,       ///< A job is active and its owner is gone: ask for its end, look again.
    adopt,      ///< A job is active, and the operator wants its outcome: wait for its end, look again.
    back,       ///< End our copy at the target, resume the source if it is held, undo the ledger.
    back_debt,  ///< ABORT_INTENT, resume the source if it is held; the target's copy is a debt.
    reconnect,  ///< Wait for a post-copy that flows, resume one that broke, look again.
    forward,    ///< COMMIT if it is missing, let the target run, end the source's copy, finish.
    finish,     ///< It ran at the target and was stopped there: clean up, start nothing.
    guest_off,  ///< The guest was stopped at the source: clean up, say so.
    lost,       ///< The memory is gone: clean up what is ours, say so.
    doubt,      ///< Change nothing; print the evidence and the commands.
};

[[nodiscard]] constexpr bool is_off(SourceIs source)
{
    return source == SourceIs::ended || source == SourceIs::stopped || source == SourceIs::died ||
           source == SourceIs::ran_on;
}

[[nodiscard]] std::string_view to_string(Stage stage);
[[nodiscard]] std::string_view to_string(SourceIs source);
[[nodiscard]] std::string_view to_string(TargetIs target);
[[nodiscard]] std::string_view to_string(Action action);

/// What a decision is made of, and nothing else.
struct Situation {
    Stage stage{};
    SourceIs source{};
    TargetIs target{};
    bool forward_wanted = false;  ///< The operator asked for --forward.
};

/// What a doubt tells the operator to do.
enum class Advice {
    settle,       ///< Again, when the host is back, or with his word that it is dead.
    choose,       ///< End one of two running copies.
    keep_source,  ///< End the target's, whose memory is older than the disks.
};

/// One row: it applies when each of the situation's facts is in its set.
struct RecoveryRow {
    std::string_view name;  ///< Stable, quoted by `status --doctor` and tests.
    unsigned stages;        ///< Bit sets over the enumerations.
    unsigned sources;
    unsigned targets;
    unsigned forward_wanted;  ///< 1: only without, 2: only with, 3: either.
    Action action;
    std::string_view reason;
    Advice advice = Advice::settle;
};

[[nodiscard]] std::span<const RecoveryRow> recovery_table();
/// The one row that applies.
[[nodiscard]] const RecoveryRow& decide(const Situation& situation);

/// `before` is the source's before image; `host_dead` the operator's word.
[[nodiscard]] SourceIs classify_source(const model::Observation& source, const model::BeforeImage& before,
                                       const model::Plan& plan, bool host_dead);
[[nodiscard]] TargetIs classify_target(const model::Observation& target, const model::Plan& plan, bool host_dead);

}  // namespace vmferry::engine
