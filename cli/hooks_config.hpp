// Where hooks are and how long one may take, unless the configuration says otherwise.

#pragma once

#include <string_view>

#include "core/base/clock.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_hook_directory = "/etc/vmferry/hooks.d";
inline constexpr Milliseconds k_hook_timeout{60000};

}  // namespace vmferry::cli
