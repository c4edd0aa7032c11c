#include "cli/settings.hpp"

#include <unistd.h>

#include <cstdlib>

namespace vmferry::cli {

namespace {

std::string environment(const char* variable)
{
    const char* value = std::getenv(variable);
    return value == nullptr ? "" : value;
}

/// `variable`/vmferry, or ~/`fallback`/vmferry. Relative values are to be ignored (XDG base directories).
std::string user_directory(const char* variable, const char* fallback)
{
    const std::string base = environment(variable);
    if (!base.empty() && base.front() == '/') {
        return base + "/vmferry";
    }
    const std::string home = environment("HOME");
    return (home.empty() || home.front() != '/' ? std::string("/var/tmp") : home + fallback) + "/vmferry";
}

std::string journal_path(const Globals& globals, const Config& config)
{
    if (!globals.journal.empty()) {
        return globals.journal;
    }
    if (std::string path = environment("VMFERRY_JOURNAL"); !path.empty()) {
        return path;
    }
    if (config.journal_path) {
        return *config.journal_path;
    }
    const bool root = ::geteuid() == 0;
    return (root ? std::string("/var/lib/vmferry") : user_directory("XDG_STATE_HOME", "/.local/state")) + "/journal.db";
}

std::string lock_directory(const Config& config)
{
    if (config.lock_directory) {
        return *config.lock_directory;
    }
    if (::geteuid() == 0) {
        return "/run/vmferry/locks";
    }
    const bool session = !environment("XDG_RUNTIME_DIR").empty();
    return (session ? user_directory("XDG_RUNTIME_DIR", "") : user_directory("XDG_STATE_HOME", "/.local/state")) +
           "/locks";
}

}  // namespace

Result<Settings> make_settings(Globals globals)
{
    Settings settings;
    const std::string file = globals.config_file.empty() ? environment("VMFERRY_CONFIG") : globals.config_file;
    VMF_TRY_ASSIGN(settings.config, load_config(file));
    settings.journal_path = journal_path(globals, settings.config);
    settings.lock_directory = lock_directory(settings.config);
    settings.globals = std::move(globals);
    return settings;
}

}  // namespace vmferry::cli
