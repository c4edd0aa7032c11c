// The recovery worker: settles what dead workers left open, and reports as the command that they were
// carrying out.

#pragma once

#include <string_view>
#include <vector>

#include "cli/environment.hpp"
#include "cli/guardian.hpp"

namespace vmferry::cli {

/// Exit code of the whole: the worst of all transactions that the dead workers worked on.
[[nodiscard]] engine::ExitCode recover(Environment& environment, std::string_view command,
                                       const std::vector<DeadWorker>& dead);

}  // namespace vmferry::cli
