#include "core/engine/ending.hpp"

#include <fmt/format.h>

namespace vmferry::engine {

Outcome end_in_doubt(Context& context, const RecoveryRow& row)
{
    Outcome& outcome = context.outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = row.reason;
    const std::string tx = context.plan.transaction.brief();
    outcome.commands = {fmt::format("vmferry rollback {}", tx),
                        fmt::format("vmferry rollback {} --host-dead HOST", tx)};
    if (row.name == "two-running") {
        outcome.commands = {fmt::format("virsh -c {} destroy {}    # keep the source's copy", context.plan.target_uri,
                                        context.plan.vm_name),
                            fmt::format("virsh -c {} destroy {}    # keep the target's copy", context.plan.source_uri,
                                        context.plan.vm_name)};
    }
    return outcome;
}

bool write_end(Context& context, OutcomeKind kind, Json body)
{
    const auto written = context.record(journal::Kind::end, std::string(to_string(kind)), std::move(body));
    if (!written) {
        context.outcome.debts.push_back("journal: the end of this move is not in it: " + written.error().text());
    }
    return written.has_value();
}

Outcome end_as(Context& context, OutcomeKind kind)
{
    context.outcome.kind = kind;
    Json body = {{"outcome", to_string(kind)}};
    if (context.outcome.error) {
        body["error"] = context.outcome.error->text();
    }
    for (const model::Difference& difference : context.outcome.differences) {
        body["differences"].push_back(difference.field);
    }
    const bool told_as_done = kind == OutcomeKind::rolled_back || kind == OutcomeKind::refused;
    if (!write_end(context, kind, std::move(body)) && told_as_done) {
        context.outcome.kind = OutcomeKind::rolled_back_debts;
    }
    return context.outcome;
}

}  // namespace vmferry::engine
