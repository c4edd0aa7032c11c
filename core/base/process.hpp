// One run of an executable that is not ours, within limits: text on its stdin, its words collected.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry {

/// What the executable, and each process that it starts, may use at most.
struct ProcessLimits {
    uint64_t memory_bytes = 0;  ///< Of address space.
    uint64_t file_bytes = 0;    ///< Length of a file that it writes.
    uint64_t processes = 0;     ///< Of its user altogether. The kernel does not hold root to it.
};

struct ProcessOrder {
    std::vector<std::string> words;  ///< A path first.
    std::string input;
    Milliseconds limit{0};                 ///< For the whole run.
    std::vector<std::string> environment;  ///< Beside PATH: "NAME=value".
    size_t output_bytes_max = 64 * 1024;
    /// It is foreign to us: stderr is kept apart from stdout, more output than the most ends it, and nothing of its
    /// process group outlives it. Otherwise stderr goes where stdout goes, what is too much is dropped, and what it
    /// leaves in the background lives on.
    bool confined = false;
    /// False: in our own process group, so that whoever ends that ends it, too; then only itself is signalled.
    bool own_group = true;
    /// In force before it is given its input.
    std::optional<ProcessLimits> limits;
};

struct ProcessRun {
    enum class End { exited, signalled, timed_out, stopped, flooded };
    End end = End::exited;
    int code = 0;            ///< Exit code, or number of the signal.
    std::string output;      ///< stdout; and stderr where they are not kept apart.
    std::string complaints;  ///< stderr where it is kept apart; the first 64 KiB.
    Milliseconds took{0};

    /// The last line of its output that is not blank; empty when there is none.
    [[nodiscard]] std::string last_line() const;
    /// "ended with exit code 3", "took longer than 5 s".
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool good() const { return end == End::exited && code == 0; }
};

/// The last line of a text that is not blank; empty when there is none.
[[nodiscard]] std::string last_line_of(const std::string& text);

/// "SIGKILL".
[[nodiscard]] std::string signal_name(int number);

/// Runs it with no variable but PATH and those of the order, no descriptor of ours, and no signal blocked or ignored,
/// in a process group of its own unless the order says otherwise. At the limit, or when `stop` says so, the group gets
/// TERM and, two seconds later, KILL. Kind `failed`: it could not be started.
[[nodiscard]] Result<ProcessRun> run_process(const ProcessOrder& order, const std::function<bool()>& stop);

}  // namespace vmferry
