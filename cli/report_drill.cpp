#include "cli/report_drill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

struct Counts {
    int proved = 0;
    int back = 0;
    int on = 0;
    Milliseconds longest{0};
};

Counts counts_of(const DrillResult& result)
{
    Counts counts;
    for (const DrillRound& round : result.rounds) {
        counts.proved += round.problems.empty() && round.reached ? 1 : 0;
        counts.on += round.reached && round.outcome == "committed" ? 1 : 0;
        counts.back += round.reached && round.outcome != "committed" ? 1 : 0;
        counts.longest = std::max(counts.longest, round.recovery);
    }
    return counts;
}

OrderedJson round_json(const DrillRound& round)
{
    OrderedJson json;
    json["write"] = round.write;
    json["moment"] = round.moment == Moment::before ? "before" : "after";
    json["entry"] = round.entry;
    json["from"] = round.from;
    json["to"] = round.to;
    json["reached"] = round.reached;
    json["outcome"] = round.outcome;
    json["recovery_ms"] = round.recovery.count();
    json["problems"] = round.problems;
    return json;
}

}  // namespace

std::string drill_text(const DrillResult& result, const DrillOrder& order)
{
    const Counts counts = counts_of(result);
    return fmt::format(
        "Proved with {} between {} and {}: vmferry was killed at {} moments of the {} writes of a move. {} times the "
        "VM was back, {} times it was at the other host; each time it ran on one host, the other one had nothing of "
        "it, and it was compared field by field. The longest recovery took {}.\n{} is {} on {}.\n",
        result.vm_name, order.home.label, order.target.label, counts.proved, result.writes, counts.back, counts.on,
        format_duration(counts.longest), result.vm_name, result.location.state, result.location.host);
}

OrderedJson drill_json(const DrillResult& result, const DrillOrder& order)
{
    const Counts counts = counts_of(result);
    OrderedJson json;
    json["schema"] = k_drill_schema;
    json["exit_code"] = static_cast<int>(result.code);
    json["vm"]["name"] = result.vm_name;
    json["vm"]["uuid"] = result.vm_uuid;
    json["source"] = order.home.label;
    json["target"] = order.target.label;
    json["writes"] = result.writes;
    json["proved"] = counts.proved;
    json["longest_recovery_ms"] = counts.longest.count();
    json["rounds"] = OrderedJson::array();
    for (const DrillRound& round : result.rounds) {
        json["rounds"].push_back(round_json(round));
    }
    json["location"]["host"] = result.location.host;
    json["location"]["state"] = result.location.state;
    json["error"] = result.error ? error_json(*result.error) : OrderedJson();
    return json;
}

std::string drill_failure(const DrillResult& result, const Palette& palette)
{
    if (result.writes == 0) {
        return untouched_text(*result.error, palette);
    }
    const Error& error = *result.error;
    const Counts counts = counts_of(result);
    const std::string cause = error.cause().empty() ? "" : fmt::format("cause: {}\n", error.cause());
    return fmt::format("{}{} {}: {}\n{} is {} on {}.\nProved until then: {} moments.\nNext: {}\n", cause,
                       palette.paint(Tone::bad, "error"), error_id(error), error.what(), result.vm_name,
                       result.location.state.empty() ? "as the lines above say" : result.location.state,
                       result.location.host, counts.proved, error.next().empty() ? "vmferry status" : error.next());
}

}  // namespace vmferry::cli
