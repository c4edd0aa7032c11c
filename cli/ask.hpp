// The one question that vmferry asks.

#pragma once

#include <string>

#include "core/base/result.hpp"

namespace vmferry::cli {

/// Yes or no, at the terminal. Kind `usage` where there is none: -y has to be said, because of `why`.
[[nodiscard]] Result<bool> ask(const std::string& question, const std::string& why);

}  // namespace vmferry::cli
