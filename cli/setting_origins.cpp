#include "cli/setting_origins.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/hooks_config.hpp"
#include "cli/own_files.hpp"
#include "cli/plugins_config.hpp"
#include "cli/progress.hpp"
#include "core/base/secret.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

/// Where a setting may come from, strongest first: option, variables, configuration, default.
struct Source {
    std::string name;
    std::string option;
    std::vector<std::string> variables;
    std::string value_by_default;
};

std::vector<Source> sources(const Settings& settings)
{
    const std::string of_profile = "as the profile says";
    return {
        {"defaults.connect", "--connect", {"VMFERRY_CONNECT", "LIBVIRT_DEFAULT_URI"}, "libvirt's own choice"},
        {"defaults.profile", "", {}, "gentle"},
        {"defaults.timeout", "", {}, of_profile},
        {"defaults.max_downtime", "", {}, of_profile},
        {"defaults.stall_timeout", "", {}, of_profile},
        {"defaults.bwlimit", "", {}, of_profile},
        {"defaults.auto_converge", "", {}, of_profile},
        {"defaults.parallel", "", {}, of_profile},
        {"defaults.on_timeout", "", {}, of_profile},
        {"defaults.postcopy", "", {}, of_profile},
        {"defaults.require_tls", "", {}, "false"},
        {"defaults.progress_interval", "", {}, format_duration(k_progress_interval)},
        {"precheck.accept", "", {"VMFERRY_ACCEPT"}, "nothing"},
        {"precheck.deep", "", {}, "false"},
        {"plan.keys", "", {}, "nothing"},
        {"plan.require_signature", "", {}, "false"},
        {"journal.path", "--journal", {"VMFERRY_JOURNAL"}, settings.journal_path},
        {"journal.lock_dir", "", {}, settings.lock_directory},
        {"hooks.dir", "", {}, std::string(k_hook_directory)},
        {"hooks.timeout", "", {}, format_duration(k_hook_timeout)},
        {"plugins.dir", "", {}, own_plugin_directory()},
        {"plugins.timeout", "", {}, format_duration(k_plugin_timeout)},
        {"plugins.kvm", "", {}, "false"},
    };
}

std::string option_value(const std::string& option, const Settings& settings)
{
    return option == "--connect" ? settings.globals.connect : settings.globals.journal;
}

ShownSetting show(const Source& source, const Settings& settings)
{
    const std::vector<std::string>& given = settings.globals.options;
    if (std::find(given.begin(), given.end(), source.option) != given.end()) {
        return {source.name, redact_uri(option_value(source.option, settings)), "option " + source.option};
    }
    for (const std::string& variable : source.variables) {
        const char* value = std::getenv(variable.c_str());
        if (value != nullptr && *value != '\0') {
            return {source.name, redact_uri(value), "environment " + variable};
        }
    }
    const auto set = settings.config.set.find(source.name);
    if (set != settings.config.set.end()) {
        return {source.name, set->second.value, set->second.place};
    }
    return {source.name, source.value_by_default, "default"};
}

}  // namespace

std::vector<ShownSetting> shown_settings(const Settings& settings)
{
    std::vector<ShownSetting> shown;
    for (const Source& source : sources(settings)) {
        shown.push_back(show(source, settings));
    }
    const size_t known = shown.size();
    for (const auto& [name, set] : settings.config.set) {
        const auto end = shown.begin() + static_cast<std::ptrdiff_t>(known);
        const bool is_shown = std::any_of(shown.begin(), end, [&](const auto& one) { return one.name == name; });
        if (!is_shown) {
            shown.push_back({name, set.value, set.place});
        }
    }
    return shown;
}

}  // namespace vmferry::cli
