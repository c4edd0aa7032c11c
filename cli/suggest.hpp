// "Did you mean": the known word nearest to a mistyped one.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmferry::cli {

/// Empty when no known word is near enough to be what was meant.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean 'timeout'?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace vmferry::cli
