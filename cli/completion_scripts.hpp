// Completion scripts for shells, made from what the commands declare: they cannot be stale.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace vmferry::cli {

/// `shell`: "bash", "zsh" or "fish". The scripts ask `vmferry completion hosts` (vms, transactions, codes)
/// for names at the time of the completion.
[[nodiscard]] std::string completion_script(std::string_view shell, const std::vector<CommandWords>& commands);

}  // namespace vmferry::cli
