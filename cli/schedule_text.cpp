#include "cli/schedule_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace vmferry::cli {

std::string schedule_text(const std::optional<model::ScheduleTrace>& trace)
{
    if (!trace) {
        return {};
    }
    std::string text;
    if (trace->downtime_limit > trace->schedule.first_downtime) {
        text += fmt::format(" The downtime limit rose to {}.", format_duration(trace->downtime_limit));
    }
    if (trace->throttle_percent > 0) {
        text += fmt::format(" The guest was slowed down by up to {} %.", trace->throttle_percent);
    }
    const bool postcopy = std::any_of(trace->steps.begin(), trace->steps.end(),
                                      [](const model::ScheduleStep& step) { return step.action == "postcopy"; });
    if (postcopy) {
        text += " The rest of the memory came after the switch (post-copy).";
    }
    return text;
}

}  // namespace vmferry::cli
