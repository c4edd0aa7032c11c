#include "cli/recover.hpp"

#include <fmt/format.h>

#include "cli/settlement.hpp"
#include "core/base/process.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;
using journal::TransactionRow;

namespace {

/// The worker died after END: what it said there.
Report recorded(std::string_view command, const TransactionRow& row)
{
    Report report = report_of(command, row);
    report.outcome.kind = engine::parse_outcome(row.outcome).value_or(OutcomeKind::in_doubt);
    const bool at_target = report.outcome.changed();
    report.outcome.location = {at_target ? row.head.target : row.head.source, "", true};
    report.code = report.outcome.exit_code();
    return report;
}

bool was_worked_on_by(const TransactionRow& row, const std::vector<DeadWorker>& dead)
{
    const journal::Worker here = journal::Worker::of_this_process();
    for (const DeadWorker& one : dead) {
        if (row.worker.pid == one.pid && row.worker.start_ticks == one.start_ticks &&
            row.worker.boot_id == here.boot_id && row.worker.machine == here.machine) {
            return true;
        }
    }
    return false;
}

Error died(const DeadWorker& dead, ErrorKind kind, const std::string& when)
{
    return Error(kind, fmt::format("vmferry's worker was ended by {} {}", signal_name(dead.signal), when))
        .with_id("VMF-E170");
}

Report recover_one(Environment& environment, Session& session, std::string_view command, const TransactionRow& row,
                   const DeadWorker& dead)
{
    if (!row.outcome.empty()) {
        return recorded(command, row);
    }
    constexpr Milliseconds k_lock_patience{5000};
    SettleOrder order;
    order.lock_patience = k_lock_patience;
    Report report = settle_transaction(environment, session, row, order);
    report.command = command;
    engine::Outcome& outcome = report.outcome;
    if (outcome.kind == OutcomeKind::refused) {
        // Not untouched: an earlier process has been at work.
        outcome.kind = OutcomeKind::in_doubt;
        outcome.reason = "the worker died, and what it left could not be settled";
        outcome.commands = {fmt::format("vmferry rollback {}", row.head.id.brief())};
        report.code = ExitCode::in_doubt;
    }
    if (!outcome.error && outcome.kind != OutcomeKind::committed) {
        outcome.error = died(dead, ErrorKind::failed, "in the middle of the work");
    }
    return report;
}

}  // namespace

ExitCode recover(Environment& environment, std::string_view command, const std::vector<DeadWorker>& dead)
{
    auto session = Session::open(environment, journal::Access::read_write);
    auto rows =
        session ? (*session)->store().transactions() : Result<std::vector<TransactionRow>>(fail(session.error()));
    if (!rows) {
        Report report = untouched(std::string(command), "", "", std::move(rows).error());
        report.outcome.kind = OutcomeKind::in_doubt;
        report.outcome.reason = "the worker died, and the journal cannot be opened";
        report.outcome.commands = {"vmferry rollback --all-incomplete"};
        report.code = ExitCode::in_doubt;
        tell(environment, report);
        return report.code;
    }
    ExitCode worst = ExitCode::ok;
    bool any = false;
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
        if (!was_worked_on_by(*row, dead)) {
            continue;
        }
        any = true;
        const Report report = recover_one(environment, **session, command, *row, dead.front());
        tell(environment, report);
        worst = worse(worst, report.code);
    }
    if (!any && command == "drill") {
        // What it had begun is worked on by its children, which are nobody's workers any more.
        Report report = untouched("drill", "", "", died(dead.front(), ErrorKind::failed, "during a drill"));
        report.outcome.kind = OutcomeKind::in_doubt;
        report.outcome.reason = "the drill died, and a move of it may be unfinished";
        report.outcome.commands = {"vmferry rollback --all-incomplete"};
        report.code = ExitCode::in_doubt;
        tell(environment, report);
        return report.code;
    }
    if (!any) {
        const Report report =
            untouched(std::string(command), "", "", died(dead.front(), ErrorKind::internal, "before it began"));
        tell(environment, report);
        return report.code;
    }
    return worst;
}

}  // namespace vmferry::cli
