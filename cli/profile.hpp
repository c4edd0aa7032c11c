// Profiles: what a move may do to converge. Built-in ones, and those of the configuration.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/plan.hpp"

namespace vmferry::cli {

/// What [defaults], a [profile.NAME] or the options set. What is not set stays as it is.
struct ProfileSettings {
    std::optional<Milliseconds> timeout;
    std::optional<Milliseconds> max_downtime;
    std::optional<Milliseconds> stall_timeout;
    std::optional<uint64_t> bandwidth_bytes_per_s;
    std::optional<bool> auto_converge;
    std::optional<int> connections;
    std::optional<model::OnTimeout> on_timeout;
    std::optional<model::PostCopy> postcopy;

    void apply(model::Limits& limits, model::Schedule& schedule) const;
};

using Profiles = std::map<std::string, ProfileSettings>;

/// The words a setting is written with, for options and configuration alike. Kind `usage`.
[[nodiscard]] Result<Milliseconds> parse_max_downtime(const std::string& text);
[[nodiscard]] Result<uint64_t> parse_bandwidth(const std::string& text);
[[nodiscard]] Result<model::OnTimeout> parse_on_timeout_word(const std::string& text);
[[nodiscard]] Result<model::PostCopy> parse_postcopy_word(const std::string& text);

/// What is in force for one move.
struct Tuning {
    model::Limits limits;
    model::Schedule schedule;
};

/// Who says what, strongest first: `options`; the profile `chosen` by option; `defaults`; the profile that
/// `default_profile` names; gentle. A profile of the configuration with the name of a built-in one changes that;
/// any other starts from gentle. Kind `usage` for a name that nobody knows.
[[nodiscard]] Result<Tuning> tune(const Profiles& own, const std::optional<std::string>& default_profile,
                                  const ProfileSettings& defaults, const std::string& chosen,
                                  const ProfileSettings& options);

}  // namespace vmferry::cli
