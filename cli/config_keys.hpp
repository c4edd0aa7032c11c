// The kinds of keys that a configuration file may hold: what each expects, and where it is stored. The keys
// store into what they were made with, which must outlive them.

#pragma once

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/profile.hpp"
#include "core/base/result.hpp"

namespace vmferry::cli {

/// One key of a table: stores its value, or says what it expects.
struct Key {
    std::string name;
    std::function<Result<>(const toml::node&)> read;
};

[[nodiscard]] Key text_key(std::string name, std::function<void(std::string)> store);
[[nodiscard]] Key flag_key(std::string name, std::function<void(bool)> store);
/// An absolute path.
[[nodiscard]] Key path_key(std::string name, std::optional<std::string>& into);
[[nodiscard]] Key duration_key(std::string name, std::optional<Milliseconds>& into);
[[nodiscard]] Key texts_key(std::string name, std::vector<std::string>& into);
/// What [defaults] and each [profile.NAME] may set.
[[nodiscard]] std::vector<Key> profile_keys(ProfileSettings& settings);

}  // namespace vmferry::cli
