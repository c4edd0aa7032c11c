// The convergence schedule of a move that is over, in words.

#pragma once

#include <optional>
#include <string>

#include "core/model/schedule.hpp"

namespace vmferry::cli {

/// What was needed to make the memory converge; nothing when it did by itself.
[[nodiscard]] std::string schedule_text(const std::optional<model::ScheduleTrace>& trace);

}  // namespace vmferry::cli
