// One run of a hook: JSON on its stdin, its words collected.

#pragma once

#include "core/base/process.hpp"

namespace vmferry::cli {

using HookRun = ProcessRun;

/// Runs `words` (a path first) in a process group of its own, with PATH as its only variable and no
/// descriptor of ours; stdout and stderr together are its output, the first 64 KiB. At the limit, or when `stop` says
/// so, the group gets TERM and, two seconds later, KILL. What the executable leaves in the background outlives it. Kind
/// `failed`: it could not be started.
[[nodiscard]] inline Result<HookRun> run_hook(std::vector<std::string> words, std::string input, Milliseconds limit,
                                              const std::function<bool()>& stop)
{
    ProcessOrder order;
    order.words = std::move(words);
    order.input = std::move(input);
    order.limit = limit;
    return run_process(order, stop);
}

}  // namespace vmferry::cli
