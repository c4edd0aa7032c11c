// From a parsed command line to an exit code: in this process, or in a worker that a guardian watches.

#pragma once

#include "cli/options.hpp"

namespace vmferry::cli {

[[nodiscard]] engine::ExitCode run_command(const Invocation& invocation);

}  // namespace vmferry::cli
