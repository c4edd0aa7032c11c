// Files that belong to this executable, found from where it is: the same in the build tree and when installed.

#pragma once

#include <string>

namespace vmferry::cli {

/// `from_bin` seen from the directory of the executable (cli/CMakeLists.txt).
[[nodiscard]] std::string beside_executable(const std::string& from_bin);

/// Where plugins are, unless the configuration says otherwise.
[[nodiscard]] std::string own_plugin_directory();

}  // namespace vmferry::cli
