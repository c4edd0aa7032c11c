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

Outcome end_as_old_journal(Context& context, const std::string& why)
{
    const model::Plan& plan = context.plan;
    Outcome& outcome = context.outcome;
    context.record_or_warn(journal::Kind::note, "recovery", {{"row", "journal-is-old"}, {"reason", why}});
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = why;
    outcome.error =
        Error(ErrorKind::journal, "this journal is an older copy of itself: it is not acted on").with_id("VMF-E178");
    outcome.commands = {fmt::format("vmferry rollback --from-hosts '{},{}'", plan.source, plan.target)};
    return outcome;
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
    context.record_or_warn(journal::Kind::end, std::string(to_string(kind)), std::move(body));
    return context.outcome;
}

}  // namespace vmferry::engine
