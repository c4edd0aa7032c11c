// Executables that an admin wants to be asked, or told, around a move (vmferry.conf(5), HOOKS).
//
// - `precheck` and `reserve` come before anything is created, and may refuse the move.
// - `post-switch` and `verify` come when the VM runs at the target and has been announced. Nothing goes
//   back any more, so a failure is told and makes the outcome 22; a recovery does not call them.
// - `done` and `rollback` come after the transaction has ended.
// - Nothing runs in between: never while memory is in flight, never in the switch, never in a way back.
// - What ran is in the journal (NOTE hook:EVENT:NAME), so that a recovery in another process can
//   call `rollback` for those, and only those, that had been called.

#pragma once

#include <string>
#include <vector>

#include "cli/settings.hpp"
#include "core/engine/phase.hpp"

namespace vmferry::cli {

struct Hook {
    std::string name;  ///< "10-load-balancer".
    std::string path;
};

/// What the configuration makes of them.
struct Hooks {
    std::vector<Hook> all;  ///< In the order of their names.
    Milliseconds limit{0};  ///< Of one run.
};

/// The executables of the hook directory whose names are NN-NAME. A directory that is configured
/// must exist; the default one need not. Kind `config` when one of them, or the directory, could be
/// changed by anybody but its owner, or belongs to neither root nor this user.
[[nodiscard]] Result<Hooks> load_hooks(const Config& config);

/// `phases` with the calls of `precheck`, `reserve`, `post-switch` and `verify` at their places. `hooks` must outlive
/// it.
[[nodiscard]] std::vector<engine::Phase> with_hooks(const std::vector<engine::Phase>& phases, const Hooks& hooks);

/// Calls `done` or `rollback`, once the transaction has ended, for those that were called before. A failure
/// is a warning of the outcome; after a committed move it makes it `committed_degraded`.
void call_end_hooks(engine::Context& context, const Hooks& hooks, engine::Outcome& outcome);

}  // namespace vmferry::cli
