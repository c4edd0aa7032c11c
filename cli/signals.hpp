// Signals of a process that works on a transaction.
//
// Who gets what: the worker has a process group of its own, so that a Ctrl-C at the terminal reaches
// the guardian only, and never the ssh processes that carry our connections. The guardian hands each
// INT, TERM, HUP and USR1 on to the worker. Where everybody is signalled at once (systemd's
// KillMode=control-group, `kill -- -PGID`, timeout(1)) the worker hears the same signal twice within
// moments: repeats of one signal less than k_same_signal apart count once.
//
// - 1st INT or TERM: the way back, before the point of no return. 2nd INT: optional clean-up becomes
//   a debt. 3rd INT: the process ends at once. A repeated TERM changes nothing: supervisors repeat it.
// - HUP: the terminal is gone; go on without it. USR1: one line of progress.
// - TSTP, TTIN, TTOU, QUIT, PIPE are ignored: a stopped client is a dead client to libvirt.

#pragma once

#include <atomic>

#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "core/base/clock.hpp"
#include "core/engine/interrupt.hpp"

namespace vmferry::cli {

inline constexpr Milliseconds k_same_signal{250};

/// Blocks what is waited for and ignores what must not stop us. Before the fork: both are inherited.
void prepare_signals();

/// What the signal thread works on. Lives as long as the process.
struct Signalled {
    engine::Interrupt& interrupt;
    Progress& progress;
    Output& output;
    /// Set when the work is done and only a slow reader is waited for: INT or TERM then ends the
    /// process with this code. Negative: not yet.
    std::atomic<int> final_code{-1};
};

/// Starts the thread that waits for signals.
void start_signal_thread(Signalled& signalled);

}  // namespace vmferry::cli
