// What a drill proved, for people and as vmferry.drill/1.

#pragma once

#include <string>

#include "cli/drill.hpp"
#include "core/base/json.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_drill_schema = "vmferry.drill/1";

[[nodiscard]] std::string drill_text(const DrillResult& result, const DrillOrder& order);
[[nodiscard]] OrderedJson drill_json(const DrillResult& result, const DrillOrder& order);
/// The last four lines of a drill that was stopped, or that proved the contrary.
[[nodiscard]] std::string drill_failure(const DrillResult& result, const Palette& palette);

}  // namespace vmferry::cli
