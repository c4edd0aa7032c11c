// The command line: parsed first, dispatched by main afterwards. CLI11 stays behind this header.

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/command.hpp"

namespace vmferry::cli {

/// A command to run. Its own options are bound in the command.
struct Invocation {
    Command* command = nullptr;
    Globals globals;
};

/// Help, version, or a mistake: text to print and how to end.
struct Reply {
    std::string text;
    engine::ExitCode code = engine::ExitCode::ok;
};

/// An option, or a positional word, as it was declared.
struct OptionWords {
    std::vector<std::string> names;  ///< "-n", "--dry-run"; empty for a positional word.
    std::string value;               ///< "HOST", "text|json"; empty for a flag.
    std::string description;
    bool positional = false;
    bool repeated = false;  ///< Takes all words that follow.
};

struct CommandWords {
    std::string name;  ///< Empty: what all commands have.
    std::string summary;
    std::vector<OptionWords> options;
};

/// All commands with what they declare, those of all commands first.
[[nodiscard]] std::vector<CommandWords> described_commands();

[[nodiscard]] std::variant<Invocation, Reply> parse_command_line(int count, const char* const* words,
                                                                 const Commands& commands);

}  // namespace vmferry::cli
