// The parts of a path on a host, which need not be this one: nothing is looked up.

#pragma once

#include <string>

namespace vmferry {

[[nodiscard]] std::string directory_of(const std::string& path);  ///< "." when it has none.
[[nodiscard]] std::string name_of(const std::string& path);       ///< What comes after the last slash.

}  // namespace vmferry
