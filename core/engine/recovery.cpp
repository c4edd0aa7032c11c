#include "core/engine/recovery.hpp"

#include "core/engine/decision_table.hpp"

namespace vmferry::engine {

namespace {

using S = SourceIs;
using T = TargetIs;

constexpr unsigned k_open = set(Stage::open);
constexpr unsigned k_native = set(Stage::native);
/// It allows what only a source in post-copy shows to have happened.
constexpr unsigned k_postcopy = set(Stage::postcopy);
constexpr unsigned k_abort = set(Stage::abort);
constexpr unsigned k_fencing = set(Stage::fencing);
/// Nothing is decided yet.
constexpr unsigned k_intent = set(Stage::intent) | k_native | k_postcopy;
/// While the source is there, and not in post-copy, nobody but a human can have started the target.
constexpr unsigned k_unstarted = set(Stage::intent) | k_postcopy | k_abort | k_fencing;
/// Nothing proves yet that the source has ended.
constexpr unsigned k_before = k_unstarted | k_native;
constexpr unsigned k_commit = set(Stage::commit);
constexpr unsigned k_resumed = set(Stage::resumed);
constexpr unsigned k_called = k_before | k_commit | k_resumed;

constexpr unsigned k_any_target = (1U << k_target_count) - 1;
/// Nothing at the target holds memory that could run.
constexpr unsigned k_nothing = set(T::none, T::foreign, T::defined, T::incoming);
/// Nothing at the target has executed an instruction before RESUMED.
constexpr unsigned k_not_run = k_nothing | set(T::complete);
constexpr unsigned k_target_away = set(T::unreachable, T::dead);
/// The target runs, and lacks memory that only the source has.
constexpr unsigned k_partial = set(T::postcopy, T::broken);
/// Off, and nothing shows that it ran on before.
constexpr unsigned k_stood = set(S::ended, S::stopped, S::died);
constexpr unsigned k_off = k_stood | set(S::ran_on);

constexpr unsigned k_plain = 1;
constexpr unsigned k_forward = 2;
constexpr unsigned k_either = 3;

constexpr RecoveryRow k_rows[] = {
    // The migrate call was never made: the VM can be nowhere but at the source.
    {"open-unreachable", k_open, set(S::unreachable), k_any_target, k_either, Action::doubt,
     "the source does not answer, and what was prepared there has to be taken back"},
    {"open-source-dead", k_open, set(S::dead), k_any_target, k_either, Action::lost,
     "the VM was on the source when that host died; nothing had been moved"},
    {"open-foreign-job", k_open, set(S::working, S::postcopy), k_any_target, k_either, Action::wait,
     "another job works on the VM; our preparations are taken back when it has ended"},
    {"open-back", k_open, set(S::runs, S::held, S::paused_other), k_any_target & ~k_target_away, k_either, Action::back,
     "the migrate call was never made: take back what was prepared"},
    {"open-back-target-away", k_open, set(S::runs, S::held, S::paused_other), k_target_away, k_either,
     Action::back_debt, "the migrate call was never made, and the target, which does not answer, has no copy"},
    {"open-guest-off", k_open, set(S::other_instance) | k_off, k_any_target, k_either, Action::guest_off,
     "the migrate call was never made, and the guest was stopped or restarted by others"},

    // Post-copy: the guest runs at the target and its memory is on both hosts. A source in post-copy never runs
    // again: neither libvirt nor QEMU lets it.
    {"postcopy-reconnect", k_called, set(S::postcopy), k_partial | set(T::incoming, T::unreachable), k_either,
     Action::reconnect, "the memory is on both hosts until the post-copy is through"},
    {"postcopy-source-away", k_called, set(S::unreachable), k_partial, k_either, Action::reconnect,
     "the VM runs at the target without all of its memory, and the source, which has the rest, does not answer"},
    {"postcopy-complete", k_called & ~k_abort, set(S::postcopy), set(T::running), k_either, Action::forward,
     "all memory has arrived at the target; the source's rest is of no use"},
    {"postcopy-arrived-paused", k_called & ~k_abort & ~k_resumed, set(S::postcopy), set(T::complete), k_either,
     Action::forward, "all memory has arrived at the target, which was not let run before"},
    {"postcopy-complete-after-abort", k_abort, set(S::postcopy), set(T::running), k_either, Action::finish,
     "the way back was decided, but the VM runs at the target with all of its memory"},
    {"postcopy-paused-after-abort", k_abort, set(S::postcopy), set(T::complete), k_either, Action::doubt,
     "the way back was decided, but only the target has all of the memory"},
    {"postcopy-stopped", k_called, set(S::postcopy), set(T::halted), k_either, Action::finish,
     "all memory had arrived at the target, and it was stopped there"},
    {"postcopy-stopped-later", k_resumed, set(S::postcopy), set(T::complete), k_either, Action::finish,
     "it ran at the target and was stopped there; the source's rest is of no use"},
    {"postcopy-target-lost", k_called, set(S::postcopy), set(T::none, T::foreign, T::defined, T::dead), k_either,
     Action::lost, "the target is gone in post-copy, and the source has only a part of the memory"},
    {"postcopy-target-unmarked", k_called, set(S::postcopy), set(T::unmarked), k_either, Action::doubt,
     "an active domain of this UUID at the target bears no marker of this move: it may be the VM"},
    {"postcopy-source-dead", k_called, set(S::dead), k_partial, k_either, Action::lost,
     "the source is fenced, and the target lacks memory that only the source had"},
    {"postcopy-source-lost", k_called, k_off, set(T::broken), k_either, Action::lost,
     "the source is gone in post-copy, and the target lacks memory that only the source had"},
    {"postcopy-source-off", k_called, k_off, set(T::postcopy), k_either, Action::wait,
     "the source is off; if it had sent all of the memory, the target will know at once"},
    {"postcopy-unclear", k_called, set(S::held, S::paused_other), k_partial, k_either, Action::wait,
     "the target is in post-copy and the source is not"},

    // Any later stage: what must be answered first.
    {"source-unreachable", k_before | k_commit, set(S::unreachable), k_any_target & ~k_partial, k_either, Action::doubt,
     "the source does not answer: it may run the VM"},
    {"job-active", k_called, set(S::working), k_any_target, k_plain, Action::wait,
     "the migration's owner is gone but its job is active: a late Confirm could still end the source"},
    {"job-active-decided", k_abort | k_commit | k_resumed, set(S::working), k_any_target, k_forward, Action::wait,
     "a job is active, and what comes after it is decided already"},
    {"adopt-job", k_intent | k_fencing, set(S::working), k_any_target, k_forward, Action::adopt,
     "the migration's job goes on without its owner: the operator wants what it comes to"},

    // Before COMMIT, the source is there.
    {"back-source-runs", k_before, set(S::runs), k_not_run, k_either, Action::back,
     "the source runs and the target's copy has executed nothing"},
    {"back-source-held", k_unstarted, set(S::held), k_nothing, k_either, Action::back,
     "the source is stopped for the switch and the target has no complete copy"},
    {"back-both-complete", k_intent | k_abort, set(S::held), set(T::complete), k_plain, Action::back,
     "both copies are complete and neither has run since: without COMMIT the source owns the VM"},
    {"forward-on-request", k_intent, set(S::held), set(T::complete), k_forward, Action::forward,
     "both copies are complete and neither has run since: the operator chose the target"},
    {"abort-forbids-forward", k_abort, set(S::held), set(T::complete), k_forward, Action::back,
     "both copies are complete, but the way back was already decided"},
    {"back-paused-by-other", k_unstarted, set(S::paused_other), k_not_run, k_either, Action::back,
     "the source was paused by somebody else and stays so; the target's copy has executed nothing"},
    {"back-target-away", k_unstarted, set(S::runs, S::held, S::paused_other), k_target_away, k_either,
     Action::back_debt, "the target does not answer, and nobody has started its copy: the source owns the VM"},

    // libvirt itself starts the target (--switch native): it may have run as soon as its definition is saved.
    {"native-back-held", k_native, set(S::held), set(T::none, T::foreign, T::incoming), k_either, Action::back,
     "the source is stopped for the switch and the target never came to the end of its load"},
    {"native-back-paused-by-other", k_native, set(S::paused_other), set(T::none, T::foreign, T::incoming, T::complete),
     k_either, Action::back, "the source was paused by somebody else and stays so; the target has executed nothing"},
    {"native-target-may-have-run", k_native, set(S::held, S::paused_other), set(T::defined, T::dead), k_either,
     Action::doubt,
     "libvirt may have started the target, and it is off: the source's memory may be older than the disks"},
    {"native-target-away", k_native, set(S::runs, S::held, S::paused_other), set(T::unreachable), k_either,
     Action::doubt, "libvirt may have started the target, which does not answer: it may run the VM"},
    {"native-target-dead", k_native, set(S::runs), set(T::dead), k_either, Action::back_debt,
     "the source runs, and the target is fenced"},

    // COMMIT is durable, and the source was to be ended where it stands.
    {"fencing-forward", k_fencing, set(S::held), set(T::complete), k_either, Action::forward,
     "COMMIT is durable, both copies are complete and no job is active: neither has run since"},
    {"fencing-memory-gone", k_fencing, set(S::stopped), k_nothing | set(T::dead), k_either, Action::lost,
     "the source was ended for the target, and the target's copy is gone"},
    {"two-running", k_called, set(S::runs, S::other_instance), k_partial | set(T::running), k_either, Action::doubt,
     "both hosts run the VM", Advice::choose},
    {"adopt-target", k_intent | k_fencing, set(S::held) | k_stood | set(S::dead), set(T::running), k_either,
     Action::forward, "the source does not run and the target does: its memory is the newest"},
    // COMMIT is forbidden, but it only allows to start the target, and that somebody else has done.
    {"adopt-target-after-abort", k_abort, set(S::held) | k_stood | set(S::dead), set(T::running), k_either,
     Action::finish, "the way back was decided, but somebody resumed the target: its memory is the newest"},
    {"adopt-stopped-target", k_before, set(S::held) | k_stood | set(S::dead), set(T::halted), k_either, Action::finish,
     "the target has run and was stopped there: its memory is the newest"},
    {"target-ran-beside-source", k_before, set(S::runs), set(T::halted), k_either, Action::doubt,
     "the source runs and the target has run too"},
    {"target-unmarked", k_before | k_commit, set(S::runs, S::held, S::paused_other, S::other_instance, S::dead) | k_off,
     set(T::unmarked), k_either, Action::doubt,
     "an active domain of this UUID at the target bears no marker of this move: it may hold the VM's memory"},
    {"target-ran-source-paused", k_before | k_commit, set(S::paused_other), set(T::running, T::halted), k_either,
     Action::doubt, "both copies may have run since the memory was copied"},

    // Before COMMIT, the source is gone.
    {"new-instance-memory-gone", k_before | k_commit, set(S::other_instance, S::ran_on), k_nothing | set(T::dead),
     k_either, Action::lost, "the source was started anew: the memory of the old instance is gone"},
    {"new-instance-old-memory", k_before | k_commit, set(S::other_instance), set(T::complete, T::halted), k_either,
     Action::doubt, "the source was started anew while the target holds the memory of the old instance",
     Advice::keep_source},
    {"source-ran-since", k_before | k_commit, set(S::ran_on), set(T::complete, T::halted, T::running), k_either,
     Action::doubt, "the source has run since its memory was copied: the target's may be older than the disks",
     Advice::keep_source},
    {"new-instance-target-away", k_before | k_commit, set(S::other_instance, S::ran_on), set(T::unreachable), k_either,
     Action::doubt, "the source was started anew, and the target, which may hold older memory, does not answer"},
    {"confirmed-without-commit", k_intent, set(S::ended), set(T::complete), k_either, Action::forward,
     "libvirt's Confirm ended the source: the target holds the only memory, newer than anything"},
    {"fencing-proved", k_fencing, set(S::ended), set(T::complete), k_either, Action::forward,
     "the source has ended where it stood: the target holds the only memory, newer than anything"},
    {"confirmed-after-abort", k_abort, set(S::ended), set(T::complete), k_either, Action::doubt,
     "libvirt's Confirm ended the source although the way back was decided"},
    {"only-memory-unproven", k_before, set(S::stopped, S::died, S::dead), set(T::complete), k_either, Action::doubt,
     "the target holds the only memory, but the source may have run on before it ended"},
    {"guest-stopped", (k_intent & ~k_postcopy) | k_abort, set(S::stopped), k_nothing | set(T::dead), k_either,
     Action::guest_off, "the guest shut down or was destroyed at the source during the move"},
    {"postcopy-both-gone", k_postcopy, set(S::stopped), k_nothing | set(T::dead), k_either, Action::lost,
     "the source's emulator was ended when the target may have run, and the target has no copy any more"},
    {"memory-gone", k_before, set(S::ended, S::died, S::dead), k_nothing | set(T::dead), k_either, Action::lost,
     "the source's emulator is gone and the target has no complete copy"},
    {"source-off-target-away", k_before, k_stood | set(S::dead), set(T::unreachable), k_either, Action::doubt,
     "the source is off and the target, which does not answer, may hold the only memory"},

    // COMMIT is durable; RESUMED is not.
    {"commit-forward", k_commit, set(S::held) | k_stood | set(S::dead), set(T::complete, T::running), k_either,
     Action::forward, "the target owns the VM; the source has not run since its memory was copied"},
    {"commit-target-stopped", k_commit, set(S::held) | k_stood | set(S::dead), set(T::halted), k_either, Action::finish,
     "the target ran and was stopped there"},
    {"commit-source-resumed", k_commit, set(S::runs), k_not_run, k_either, Action::back,
     "somebody resumed the source while the target's copy has not run: the source owns the VM"},
    {"commit-source-resumed-target-dead", k_commit, set(S::runs), set(T::dead), k_either, Action::back_debt,
     "somebody resumed the source, and the target is fenced"},
    {"commit-source-resumed-unclear", k_commit, set(S::runs), set(T::halted, T::unreachable), k_either, Action::doubt,
     "the source runs, and the target may have run too"},
    {"commit-source-paused-by-other", k_commit, set(S::paused_other), k_not_run | set(T::unreachable, T::dead),
     k_either, Action::doubt, "somebody acted on the source after COMMIT: it may have run"},
    {"commit-target-gone", k_commit, set(S::held), k_nothing | set(T::unreachable, T::dead), k_either, Action::doubt,
     "the target may have run and died: the source's memory may be older than the disks"},
    {"commit-memory-gone", k_commit, k_stood | set(S::dead), k_nothing | set(T::dead), k_either, Action::lost,
     "the source is gone and the target, which owned the memory, too"},
    {"commit-target-away", k_commit, k_stood | set(S::dead), set(T::unreachable), k_either, Action::doubt,
     "the target owns the VM and does not answer"},

    // RESUMED or later: the guest has run at the target; nothing ever goes back.
    {"resumed-forward", k_resumed, set(S::held, S::paused_other, S::unreachable, S::dead) | k_off, set(T::running),
     k_either, Action::forward,
     "the VM runs at the target; an unreachable source is cleaned later, it cannot start by itself"},
    {"resumed-finish", k_resumed, set(S::held, S::paused_other, S::unreachable, S::dead) | k_off,
     set(T::halted, T::complete, T::defined, T::foreign, T::unmarked), k_either, Action::finish,
     "it ran at the target; a human, the guest or a full disk stopped it there, or only our marker is gone"},
    {"resumed-removed", k_resumed, k_off, set(T::none), k_either, Action::finish,
     "it ran at the target and is gone from there: a transient guest ended, or somebody removed it"},
    {"resumed-source-runs", k_resumed, set(S::runs), k_any_target & ~k_partial & ~set(T::running), k_either,
     Action::doubt, "somebody resumed the source after the target had run"},
    {"resumed-new-instance", k_resumed, set(S::other_instance),
     k_nothing | set(T::dead, T::unmarked, T::complete, T::halted, T::unreachable), k_either, Action::doubt,
     "somebody started the source anew after the target had run"},
    {"resumed-target-away", k_resumed, k_off | set(S::held, S::paused_other, S::unreachable, S::dead),
     set(T::unreachable), k_either, Action::doubt, "the target owns the VM and does not answer"},
    {"resumed-target-lost", k_resumed, k_off | set(S::held, S::paused_other, S::dead), set(T::dead), k_either,
     Action::lost, "the VM ran at the target and that host is fenced: its memory is gone"},
    {"resumed-target-dead-source-away", k_resumed, set(S::unreachable), set(T::dead, T::none), k_either, Action::doubt,
     "the VM is not at the target any more and the source does not answer"},
    {"resumed-gone-source-there", k_resumed, set(S::held, S::paused_other, S::dead), set(T::none), k_either,
     Action::doubt, "the VM ran at the target and is gone from there; the source's memory is older than the disks"},
    {"resumed-incoming", k_resumed, k_off | set(S::held, S::paused_other, S::unreachable, S::dead), set(T::incoming),
     k_either, Action::doubt, "another migration works on the target"},
};

bool applies(const RecoveryRow& row, const Situation& situation)
{
    return in(row.stages, situation.stage) && in(row.sources, situation.source) && in(row.targets, situation.target) &&
           (row.forward_wanted & (situation.forward_wanted ? k_forward : k_plain)) != 0;
}

}  // namespace

std::span<const RecoveryRow> recovery_table() { return k_rows; }

const RecoveryRow& decide(const Situation& situation)
{
    return row_for(k_rows, [&](const RecoveryRow& row) { return applies(row, situation); });
}

}  // namespace vmferry::engine
