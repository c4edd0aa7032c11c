#include "tests/sim/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vmferry::sim {

namespace {

using K = FaultKind;
constexpr Side S = Side::source;
constexpr Side D = Side::target;
constexpr Ms k_short = 1500;    // Shorter than the tool's keepalive.
constexpr Ms k_medium = 20000;  // Longer than the tool's, shorter than the daemon's.
constexpr Ms k_long = 60000;

constexpr FaultType k_types[] = {
    {"tool-dies", K::tool_dies},
    {"refuse", K::refuse},
    {"lose-request", K::lose_request},
    {"lose-reply", K::lose_reply},
    {"late-8s", K::late, Harm::none, S, 8000},
    {"late-40s", K::late, Harm::none, S, 40000},
    {"journal-fails-once", K::journal_fails, Harm::none, S, 0},
    {"journal-fails-5s", K::journal_fails, Harm::none, S, 5000},
    {"journal-fails", K::journal_fails, Harm::none, S, k_forever},
    {"journal-unsure", K::journal_unsure},
    {"interrupt", K::interrupt, Harm::none, S, 1},
    {"interrupt-twice", K::interrupt, Harm::none, S, 2},

    {"power-off-source-20s", K::power_off, Harm::memory, S, k_medium},
    {"power-off-source", K::power_off, Harm::memory, S, k_forever},
    {"power-off-target-20s", K::power_off, Harm::memory, D, k_medium},
    {"power-off-target", K::power_off, Harm::memory, D, k_forever},
    {"daemon-dies-source-2s", K::daemon_dies, Harm::none, S, k_short},
    {"daemon-dies-source", K::daemon_dies, Harm::none, S, k_forever},
    {"daemon-dies-target-2s", K::daemon_dies, Harm::none, D, k_short},
    {"daemon-dies-target", K::daemon_dies, Harm::none, D, k_forever},
    {"daemon-hangs-source-2s", K::daemon_hangs, Harm::none, S, k_short},
    {"daemon-hangs-source-20s", K::daemon_hangs, Harm::none, S, k_medium},
    {"daemon-hangs-target-2s", K::daemon_hangs, Harm::none, D, k_short},
    {"daemon-hangs-target-20s", K::daemon_hangs, Harm::none, D, k_medium},
    {"cut-source-2s", K::cut, Harm::none, S, k_short},
    {"cut-source-20s", K::cut, Harm::none, S, k_medium},
    {"cut-source", K::cut, Harm::none, S, k_forever},
    {"cut-target-2s", K::cut, Harm::none, D, k_short},
    {"cut-target-20s", K::cut, Harm::none, D, k_medium},
    {"cut-target-60s", K::cut, Harm::none, D, k_long},
    {"cut-target", K::cut, Harm::none, D, k_forever},
    {"cut-requests-source-20s", K::cut_requests, Harm::none, S, k_medium},
    {"cut-requests-target-20s", K::cut_requests, Harm::none, D, k_medium},
    {"cut-replies-source-20s", K::cut_replies, Harm::none, S, k_medium},
    {"cut-replies-target-20s", K::cut_replies, Harm::none, D, k_medium},
    {"reset-source", K::reset, Harm::none, S},
    {"reset-target", K::reset, Harm::none, D},
    {"cut-stream-2s", K::cut_stream, Harm::none, S, k_short},
    {"cut-stream-60s", K::cut_stream, Harm::none, S, k_long},
    {"stick-stream-20s", K::stick_stream, Harm::none, S, k_medium},
    {"stick-stream", K::stick_stream, Harm::none, S, k_forever},
    {"emulator-dies-source", K::emulator_dies, Harm::memory, S},
    {"emulator-dies-target", K::emulator_dies, Harm::memory, D},
    {"guest-off", K::guest_off, Harm::memory},

    {"human-resumes-source", K::human_resume, Harm::human, S},
    {"human-resumes-target", K::human_resume, Harm::human, D},
    {"human-suspends-source", K::human_suspend, Harm::human, S},
    {"human-suspends-target", K::human_suspend, Harm::human, D},
    {"human-destroys-source", K::human_destroy, Harm::human, S},
    {"human-destroys-target", K::human_destroy, Harm::human, D},
    {"human-undefines-source", K::human_undefine, Harm::human, S},
    {"human-undefines-target", K::human_undefine, Harm::human, D},
    {"human-starts-source", K::human_start, Harm::human, S},
    {"human-starts-target", K::human_start, Harm::human, D},
    {"foreign-job-2s", K::human_job, Harm::none, S, k_short},
    {"foreign-job-20s", K::human_job, Harm::none, S, k_medium},
    {"human-aborts-job", K::human_abort, Harm::human, S},
    {"human-unmarks-source", K::human_unmark, Harm::human, S},
    {"human-unmarks-target", K::human_unmark, Harm::human, D},
};

static_assert(std::size(k_types) <= k_most_fault_types);

}  // namespace

std::span<const FaultType> fault_types() { return k_types; }

const FaultType* find_fault(std::string_view name)
{
    const auto* found =
        std::find_if(std::begin(k_types), std::end(k_types), [&](const FaultType& type) { return type.name == name; });
    return found == std::end(k_types) ? nullptr : found;
}

bool strikes_at(const FaultType& type, PointKind point)
{
    const bool write = point == PointKind::before_write || point == PointKind::after_write;
    const bool before = point == PointKind::before_act || point == PointKind::before_question;
    const bool after = point == PointKind::after_act || point == PointKind::after_question;
    switch (type.kind) {
    case K::tool_dies: return point != PointKind::before_question && point != PointKind::after_question;
    case K::refuse: return before || point == PointKind::step;
    case K::lose_request:
    case K::late: return point == PointKind::before_act;
    case K::lose_reply: return after;
    case K::journal_fails: return point == PointKind::before_write;
    case K::journal_unsure: return point == PointKind::after_write;
    default: return !write && point != PointKind::after_question;
    }
}

std::string to_string(const std::vector<Fault>& faults)
{
    std::string text;
    for (const Fault& fault : faults) {
        text += (text.empty() ? "" : "/") + std::to_string(fault.point) + ":" + std::string(fault.type->name);
    }
    return text;
}

std::optional<std::vector<Fault>> parse_faults(std::string_view text)
{
    std::vector<Fault> faults;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find('/'));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        Fault fault;
        const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), fault.point);
        const auto digits = static_cast<size_t>(end - item.data());
        if (error != std::errc() || digits >= item.size() || item[digits] != ':') {
            return std::nullopt;
        }
        fault.type = find_fault(item.substr(digits + 1));
        if (fault.type == nullptr) {
            return std::nullopt;
        }
        faults.push_back(fault);
    }
    return faults;
}

}  // namespace vmferry::sim
