// Each setting of this run with its value and where that comes from.

#pragma once

#include <string>
#include <vector>

#include "cli/settings.hpp"

namespace vmferry::cli {

struct ShownSetting {
    std::string name;   ///< "journal.path": table and key of the configuration, also where it is not set.
    std::string value;  ///< Without secrets.
    std::string
        origin;  ///< "default", "/etc/vmferry/vmferry.toml:7", "environment VMFERRY_JOURNAL", "option --journal".
};

/// Settings with a default first, then all else that the files set, by name.
[[nodiscard]] std::vector<ShownSetting> shown_settings(const Settings& settings);

}  // namespace vmferry::cli
