// The version, as the build system knows it.

#pragma once

#include <string_view>

namespace vmferry::cli {

inline constexpr std::string_view k_version = VMFERRY_VERSION;

}  // namespace vmferry::cli
