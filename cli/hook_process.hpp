// One run of an executable with a limit: JSON on its stdin, its words collected.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry::cli {

struct HookRun {
    enum class End { exited, signalled, timed_out, stopped };
    End end = End::exited;
    int code = 0;        ///< Exit code, or number of the signal.
    std::string output;  ///< stdout and stderr together; the first 64 KiB.
    Milliseconds took{0};

    /// The last line of its output that is not blank; empty when there is none.
    [[nodiscard]] std::string last_line() const;
    /// "ended with exit code 3", "took longer than 5 s".
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool good() const { return end == End::exited && code == 0; }
};

/// Runs `words` (a path first) in a process group of its own, with PATH as its only variable and no
/// descriptor of ours. At the limit, or when `stop` says so, the group gets TERM and, two seconds later,
/// KILL. What the executable leaves in the background outlives it. Kind `failed`: it could not be started.
[[nodiscard]] Result<HookRun> run_hook(const std::vector<std::string>& words, const std::string& input,
                                       Milliseconds limit, const std::function<bool()>& stop);

}  // namespace vmferry::cli
