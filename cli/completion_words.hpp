// Words for shells: what the completion scripts have in common.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace vmferry::cli {

/// What completes a value called `value` in the help: "hosts", "vms", "transactions", "codes" (asked of
/// vmferry), "files", "words" (a choice like text|json), or nothing.
[[nodiscard]] std::string_view completed_by(std::string_view value);

/// The words of a choice: "text json" of "text|json".
[[nodiscard]] std::string choice(const std::string& value);
[[nodiscard]] std::string replaced(std::string text, std::string_view what, std::string_view by);
/// In single quotes, as all three shells understand them.
[[nodiscard]] std::string quoted(const std::string& text);

[[nodiscard]] std::string fish_script(const std::vector<CommandWords>& commands);

}  // namespace vmferry::cli
