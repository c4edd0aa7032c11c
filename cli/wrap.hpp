// Prose in lines that fit a terminal.

#pragma once

#include <string>
#include <string_view>

namespace vmferry::cli {

/// `text` broken at blanks into lines of at most `width` columns (a longer word keeps a line of its
/// own), each after `indent` blanks and with a line end.
[[nodiscard]] std::string wrapped(std::string_view text, size_t width, size_t indent);

}  // namespace vmferry::cli
