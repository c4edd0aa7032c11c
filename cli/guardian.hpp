// The guardian: the process that the user started. It forks a worker before anything is opened and
// then only waits, so it holds nothing that a crash could take with it.
//
// - The worker ends by itself: its exit code is ours.
// - The worker dies (kill -9, crash, out of memory): a recovery worker settles what it left, from the
//   journal; its exit code is ours. If that dies too, another tries, a few times; then 30.
// - The guardian dies: the worker goes on by itself.
// - Dead workers stay unreaped until the end, so that their pids name nothing else meanwhile.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/engine/outcome.hpp"

namespace vmferry::cli {

struct DeadWorker {
    pid_t pid = 0;
    int64_t start_ticks = 0;  ///< With the pid: this process and no other.
    int signal = 0;
};

struct Guarded {
    /// Runs in the worker.
    std::function<engine::ExitCode()> work;
    /// Runs in a recovery worker: settles what the dead ones left open. The last died just now.
    std::function<engine::ExitCode(const std::vector<DeadWorker>&)> recover;
};

/// Returns in the guardian only. Signals must be prepared, and no thread may run yet.
[[nodiscard]] engine::ExitCode guard(const Guarded& guarded);

}  // namespace vmferry::cli
