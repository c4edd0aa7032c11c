// The command line: parsed first, dispatched by main afterwards. CLI11 stays behind this header.

#pragma once

#include <string>
#include <variant>

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

[[nodiscard]] std::variant<Invocation, Reply> parse_command_line(int count, const char* const* words,
                                                                 const Commands& commands);

}  // namespace vmferry::cli
