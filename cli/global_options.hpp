// The parser's parts: options of all commands, and each command with its own.

#pragma once

#include <string>

#include "cli/command.hpp"

namespace vmferry::cli {

/// What only the parser needs.
struct Words {
    bool help = false;
    bool version = false;
    bool json = false;
    bool quiet = false;
    int verbose = 0;
    std::string topic;
};

/// Both must outlive the parse.
void declare_globals(CLI::App& app, Globals& globals, Words& words);

/// `vmferry help [COMMAND]`.
CLI::App* add_help(CLI::App& app, Words& words);
/// The command, by name.
CLI::App* add_command(CLI::App& app, const Command& command);
/// Its options. `command` must outlive the parse.
void declare_options(CLI::App& app, Command& command);

}  // namespace vmferry::cli
