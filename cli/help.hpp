// Help, made from what the commands declare.

#pragma once

#include <string>

#include "cli/command.hpp"

namespace vmferry::cli {

/// Twelve lines: what `vmferry` alone says.
[[nodiscard]] std::string short_help_text(const Commands& commands);
[[nodiscard]] std::string help_text(const CLI::App& app, const Commands& commands);
[[nodiscard]] std::string command_help_text(const Command& command, const CLI::App& own, const CLI::App& common);

}  // namespace vmferry::cli
