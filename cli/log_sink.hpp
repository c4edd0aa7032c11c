// The log goes the way of all output: through the one thread that writes.

#pragma once

#include "cli/output.hpp"

namespace vmferry::cli {

/// Sends spdlog's lines to `output`, which must live as long as the process. -1: errors only, 0:
/// errors, 1: info, 2: debug. VMFERRY_LOG names a level and wins.
void start_log(Output& output, int verbosity);
/// For commands without an Output yet.
void silence_log();

}  // namespace vmferry::cli
