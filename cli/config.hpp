// What the configuration files say. Unknown keys and values of the wrong type are refused with their
// place: a typo that is silently ignored is found at the worst moment.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/profile.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace vmferry::cli {

struct HostEntry {
    std::string uri;
    std::string migrate_host;  ///< Host part of the migration URI; empty: libvirt's choice.
};

/// A key as a file has it.
struct SetKey {
    std::string value;  ///< Without secrets.
    std::string place;  ///< "FILE:LINE".
};

struct Config {
    std::optional<std::string> connect;
    std::optional<std::string> profile;  ///< Of [defaults].
    ProfileSettings defaults;
    Profiles profiles;
    bool require_tls = false;  ///< No memory goes over a network in clear text.
    std::vector<std::string> accept;
    std::vector<std::string> plan_keys;   ///< Public keys (PEM files) of those who may sign plans.
    bool require_plan_signature = false;  ///< A plan without a good signature is not carried out.
    std::optional<std::string> journal_path;
    std::optional<std::string> lock_directory;
    std::map<std::string, HostEntry> hosts;
    std::optional<std::string> hook_directory;
    std::optional<Milliseconds> hook_timeout;
    bool deep = false;  ///< `precheck` looks into the disks, too.
    std::optional<std::string> plugin_directory;
    std::optional<Milliseconds> plugin_timeout;
    bool plugin_kvm = false;  ///< An emulator that a plugin starts may use KVM.
    std::optional<Milliseconds> progress_interval;
    std::vector<std::string> files;     ///< Those that were read, weakest first.
    std::map<std::string, SetKey> set;  ///< All keys that are set, as "TABLE.KEY"; of the strongest file.

    [[nodiscard]] std::vector<std::string> host_names() const;
};

/// Reads `file` over what `config` holds. Kind `config`, with file, line and column.
[[nodiscard]] Result<> read_config(const std::string& file, Config& config);

/// `file` alone when it is not empty (the option, or VMFERRY_CONFIG); otherwise /etc/vmferry/vmferry.toml,
/// /etc/vmferry/conf.d/*.toml in the order of names, and the user's file, as far as they exist.
[[nodiscard]] Result<Config> load_config(const std::string& file);

}  // namespace vmferry::cli
