// Whether an executable, or a directory of them, may be run with our rights.

#pragma once

#include <string>

namespace vmferry {

/// Why somebody else could have put something there, as the end of a sentence: "may be changed by others than its
/// owner"; empty when only root or the user who runs us can.
[[nodiscard]] std::string why_not_trusted(const std::string& path);

}  // namespace vmferry
