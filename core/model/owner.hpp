// The two sides of a move, and which of them may run the VM.

#pragma once

#include <string_view>

namespace vmferry::model {

enum class Side { source, target };

[[nodiscard]] constexpr std::string_view to_string(Side side) { return side == Side::source ? "source" : "target"; }
[[nodiscard]] constexpr Side other(Side side) { return side == Side::source ? Side::target : Side::source; }

}  // namespace vmferry::model
