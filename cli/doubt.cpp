#include "cli/doubt.hpp"

#include <string>

#include "core/base/json_at.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::cli {

namespace {

constexpr std::string_view k_placeholder = " HOST";

std::string host_away(const std::vector<journal::Entry>& entries, const model::Plan& plan)
{
    std::string away;
    for (const journal::Entry& entry : entries) {
        if (entry.kind != journal::Kind::note || entry.object != engine::k_recovery_note) {
            continue;
        }
        const bool source = text_at(entry.body, "source") == "unreachable";
        const bool target = text_at(entry.body, "target") == "unreachable";
        away = source ? plan.source : target ? plan.target : "";
    }
    return away;
}

}  // namespace

void name_dead_host(engine::Outcome& outcome, journal::Store& store, const model::Plan& plan)
{
    if (outcome.kind != engine::OutcomeKind::in_doubt) {
        return;
    }
    const auto entries = store.entries(plan.transaction);
    const std::string away = entries ? host_away(*entries, plan) : "";
    if (!away.empty()) {
        outcome.reason = away + " gives no answer: " + outcome.reason;
    }
    std::erase_if(outcome.commands, [&](std::string& command) {
        if (!command.ends_with(k_placeholder)) {
            return false;
        }
        command.resize(command.size() - k_placeholder.size() + 1);
        command += away;
        return away.empty();
    });
}

}  // namespace vmferry::cli
