// What holds for this run: options first, then the environment, then the configuration, then defaults.

#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"

namespace vmferry::cli {

enum class Format { text, json };
enum class ColorWhen { automatic, always, never };

/// Options that every command has.
struct Globals {
    std::string connect;
    std::string config_file;
    std::string journal;
    std::string log_file;
    Format format = Format::text;
    ColorWhen color = ColorWhen::automatic;
    int verbosity = 0;                 ///< -1: errors only.
    std::vector<std::string> options;  ///< Those that were given on the command line: "--journal".
};

struct Settings {
    Globals globals;
    Config config;
    std::string journal_path;
    std::string lock_directory;
};

/// Reads the configuration. Opens nothing else. Kind `config`.
[[nodiscard]] Result<Settings> make_settings(Globals globals);

}  // namespace vmferry::cli
