// Two texts, line by line.

#pragma once

#include <string>
#include <string_view>

namespace vmferry {

/// A unified diff (diff -u) with three lines of context; empty when the texts are equal. For texts of
/// some thousand lines: time and memory grow with the product of both.
[[nodiscard]] std::string unified_diff(std::string_view old_name, std::string_view old_text, std::string_view new_name,
                                       std::string_view new_text);

}  // namespace vmferry
