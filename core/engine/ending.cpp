#include "core/engine/ending.hpp"

#include <fmt/format.h>

#include "core/engine/compare_source.hpp"
#include "core/engine/losing.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::engine {

Outcome end_in_doubt(Context& context, const RecoveryRow& row)
{
    Outcome& outcome = context.outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = row.reason;
    const std::string tx = context.plan.transaction.brief();
    outcome.commands = {fmt::format("vmferry rollback {}", tx),
                        fmt::format("vmferry rollback {} --host-dead HOST", tx)};
    if (row.advice == Advice::choose) {
        outcome.commands = {fmt::format("virsh -c {} destroy {}    # keep the source's copy", context.plan.target_uri,
                                        context.plan.vm_name),
                            fmt::format("virsh -c {} destroy {}    # keep the target's copy", context.plan.source_uri,
                                        context.plan.vm_name)};
    }
    if (row.advice == Advice::keep_source) {
        outcome.commands = {fmt::format("virsh -c {} destroy {}    # the disks belong to what ran on {} since",
                                        context.plan.target_uri, context.plan.vm_name, context.plan.source),
                            fmt::format("vmferry rollback {}", tx)};
    }
    return outcome;
}

Outcome end_unread(Context& context, const Error& error)
{
    context.warn(error.text());
    context.outcome.kind = OutcomeKind::in_doubt;
    context.outcome.reason = "the journal cannot be read";
    return context.outcome;
}

Outcome end_as_old_journal(Context& context, const std::string& why)
{
    const model::Plan& plan = context.plan;
    Outcome& outcome = context.outcome;
    context.record_or_warn(journal::Kind::note, std::string(k_recovery_note),
                           {{"row", "journal-is-old"}, {"reason", why}});
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = why;
    outcome.error =
        Error(ErrorKind::journal, "this journal is an older copy of itself: it is not acted on").with_id("VMF-E178");
    const std::string hosts = plan.moves_storage() ? plan.source : fmt::format("{},{}", plan.source, plan.target);
    outcome.commands = {fmt::format("vmferry rollback --from-hosts '{}'", hosts)};
    return outcome;
}

void remember_cause(Context& context, std::optional<Error> cause)
{
    if (!cause) {
        return;
    }
    if (cause->kind() == ErrorKind::interrupted) {
        context.outcome.stop_signal = context.interrupt.signal_number();
    }
    if (!context.outcome.error) {
        context.outcome.error = std::move(cause);
    }
}

std::optional<Outcome> end_compared(Context& context, std::span<const Phase> phases, bool clean)
{
    clean = clean && context.outcome.debts.empty();
    const auto now = source_to_compare(context, phases);
    if (!now) {
        context.warn("the comparison with the before image has to wait: " + now.error().text());
        context.outcome.debts.clear();
        return std::nullopt;  // Look again: what is not compared is not called equal or different.
    }
    context.outcome.location = {context.plan.source, std::string(model::to_string(now->state.state)), true};
    context.outcome.differences = model::compare(context.before, *now);
    const bool refused = context.outcome.error && context.outcome.error->kind() == ErrorKind::blocked;
    if (!context.outcome.differences.empty()) {
        return end_as(context, OutcomeKind::not_as_before);
    }
    if (!clean) {
        return end_as(context, OutcomeKind::rolled_back_debts);
    }
    return end_as(context, refused ? OutcomeKind::refused : OutcomeKind::rolled_back);
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
    if (kind == OutcomeKind::lost) {
        keep_loss(context.outcome, body);
    }
    const bool told_as_done = kind == OutcomeKind::rolled_back || kind == OutcomeKind::refused;
    if (!write_end(context, kind, std::move(body)) && told_as_done) {
        context.outcome.kind = OutcomeKind::rolled_back_debts;
    }
    return context.outcome;
}

}  // namespace vmferry::engine
