// How plugins are called, unless the configuration says otherwise.

#pragma once

#include "core/base/clock.hpp"

namespace vmferry::cli {

/// Emulated, an appliance takes up to a minute to start, and a file system of a terabyte some to check.
inline constexpr Milliseconds k_plugin_timeout{600000};

}  // namespace vmferry::cli
