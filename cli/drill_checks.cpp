#include "cli/drill_checks.hpp"

#include <fmt/format.h>

#include <string_view>

namespace vmferry::cli {

using model::BeforeImage;

Problems problems_after_way_back(const BeforeImage& before, const BeforeImage& now)
{
    Problems problems;
    for (const model::Difference& one : model::compare(before, now)) {
        problems.push_back(fmt::format("{} was {}, is {}", one.field, one.before, one.now));
    }
    return problems;
}

Problems problems_after_move(const BeforeImage& before, const BeforeImage& now)
{
    Problems problems;
    const auto same = [&](bool equal, std::string_view field) {
        if (!equal) {
            problems.push_back(fmt::format("{} did not come along", field));
        }
    };
    same(now.state.state == before.state.state, "the run state");
    same(now.state.persistent == before.state.persistent, "persistence");
    same(now.autostart == before.autostart, "autostart");
    same(now.inactive_xml == before.inactive_xml, "the definition");
    same(now.max_downtime_ms == before.max_downtime_ms, "the downtime limit");
    same(now.max_bandwidth_mib_s == before.max_bandwidth_mib_s, "the speed limit");
    return problems;
}

void add_leftovers(Problems& problems, const std::string& here, const BeforeImage& now, const std::string& there,
                   const model::Observation& other)
{
    if (now.state.state != model::RunState::running) {
        problems.push_back(fmt::format("it is {} on {}", model::describe(now.state), here));
    }
    if (now.state.live_marker || now.state.inactive_marker) {
        problems.push_back(fmt::format("a marker is left on {}", here));
    }
    if (!other.reachable || other.exists) {
        problems.push_back(fmt::format("{} still has it: {}", there, model::describe(other)));
    }
}

}  // namespace vmferry::cli
