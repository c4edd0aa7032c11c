// vmferry, started by vmferry.

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace vmferry::cli {

struct ChildEnd {
    int signal = 0;  ///< That ended it; 0: it ended by itself.
    int code = 0;
    std::string output;  ///< stdout and stderr together.
};

/// This very executable with `words` after its name, in a process group of its own, so that a Ctrl-C here does not
/// reach it; its environment is ours. Waits for its end.
[[nodiscard]] Result<ChildEnd> run_vmferry(const std::vector<std::string>& words);

}  // namespace vmferry::cli
