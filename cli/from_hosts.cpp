#include "cli/from_hosts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/forecast.hpp"
#include "cli/marked_moves.hpp"
#include "core/engine/from_markers.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;
using journal::Kind;
using journal::TransactionRow;

namespace {

class FromHosts {
public:
    FromHosts(Environment& environment, Session& session, const HostsOrder& order)
        : m_environment(environment), m_session(session), m_order(order)
    {
    }

    Report settle(const MarkedMove& move);

private:
    Result<> attempt(const MarkedMove& move, Report& report);
    Result<> settle_unknown(const MarkedMove& move, Report& report);
    Result<> catch_up(const MarkedMove& move, const TransactionRow& row);
    Result<> supersede(const model::Plan& plan);
    engine::Outcome in_doubt(const model::Plan& plan, const std::string& why) const;
    [[nodiscard]] std::string command() const
    {
        return fmt::format("vmferry rollback --from-hosts '{}'", fmt::join(m_order.hosts, ","));
    }

    Environment& m_environment;
    Session& m_session;
    const HostsOrder& m_order;
};

engine::Outcome FromHosts::in_doubt(const model::Plan& plan, const std::string& why) const
{
    engine::Outcome outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = why;
    outcome.commands = {
        command(), fmt::format("vmferry status --doctor {} --hosts '{},{}'", plan.vm_name, plan.source, plan.target)};
    return outcome;
}

/// Open transactions of an older epoch that this journal still has: what they wanted is history.
Result<> FromHosts::supersede(const model::Plan& plan)
{
    VMF_TRY_ASSIGN(const auto rows, m_session.store().transactions());
    for (const TransactionRow& row : rows) {
        const bool older = row.head.vm_uuid == plan.vm_uuid && row.outcome.empty() && row.head.epoch < plan.epoch;
        if (older && row.worker.is_alive() != true) {
            const Json by = {{"outcome", "superseded"}, {"by", plan.transaction.str()}, {"epoch", plan.epoch}};
            VMF_TRY(m_session.store().append(row.head.id, journal::Draft{Kind::end, "superseded", by}));
        }
    }
    return {};
}

/// Not in this journal: made anew from the markers.
Result<> FromHosts::settle_unknown(const MarkedMove& move, Report& report)
{
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    const WorkHandle work(new Work(*world, m_session.store(), m_environment, *move.source, *move.target));
    engine::Context& context = work->context;
    VMF_TRY_ASSIGN(const VmLock lock,
                   lock_patiently(m_environment, move.plan.vm_uuid, move.vm_name, m_order.settle.lock_patience));
    VMF_TRY_ASSIGN(const engine::SettleOptions settle, settle_options(m_order.settle, move.plan, command()));
    VMF_TRY_ASSIGN(const engine::MarkedCase found, engine::look_by_marker(context, move.marker, settle));
    if (found.in_doubt) {
        report.outcome = in_doubt(context.plan, *found.in_doubt);
        report.code = ExitCode::in_doubt;
        return {};
    }
    if (m_order.dry_run) {
        report.unchanged = forecast_line(context.plan, found.seen, {});
        report.code = ExitCode::ok;
        return {};
    }
    lock.describe(fmt::format("recovery of transaction {}", context.plan.transaction.str()));
    m_environment.progress.resumed(context.plan);
    VMF_TRY_ASSIGN(report.outcome, engine::settle_by_markers(context, *phases::phases_of(context.plan), found, settle));
    report.code = report.outcome.exit_code();
    return report.outcome.kind == OutcomeKind::in_doubt ? Result<>{} : supersede(context.plan);
}

/// In this journal, which may be an older copy of itself: what the target's marker proves is added.
Result<> FromHosts::catch_up(const MarkedMove& move, const TransactionRow& row)
{
    VMF_TRY_ASSIGN(const auto entries, m_session.store().entries(row.head.id));
    const engine::Stage stage = engine::stage_of(entries);
    if (!move.marker.committed || (stage != engine::Stage::open && stage != engine::Stage::intent)) {
        return {};
    }
    VMF_TRY(refuse_live_worker(row));
    const Json told = {{"told_by", "marker"}};
    std::vector<journal::Draft> missing = {{Kind::switch_intent, "", told}, {Kind::commit, "", told}};
    if (move.marker.resumed) {
        missing.push_back({Kind::resumed, "", told});
    }
    return m_session.store().append(row.head.id, missing);
}

Result<> FromHosts::attempt(const MarkedMove& move, Report& report)
{
    if (move.plan.source.empty()) {
        return fail(Error(ErrorKind::failed, fmt::format("the marker of {} tells no plan", move.vm_name))
                        .with_next(fmt::format("vmferry rollback {}   on {}", move.marker.transaction.brief(),
                                               move.marker.controller)));
    }
    if (!move.source || !move.target) {
        return fail(Error(ErrorKind::usage, fmt::format("the move of {} is between {} and {}: both have to be named",
                                                        move.vm_name, move.plan.source, move.plan.target))
                        .with_next(fmt::format("vmferry rollback --from-hosts '{},{}'", move.plan.source_uri,
                                               move.plan.target_uri)));
    }
    report.from = move.source->label;
    report.to = move.target->label;
    const auto row = m_session.store().find(move.marker.transaction.str());
    if (!row && row.error().kind() != ErrorKind::not_found) {
        return fail(row.error());
    }
    if (!row) {
        return settle_unknown(move, report);
    }
    if (!row->outcome.empty() && row->open_debts == 0) {
        report.outcome = in_doubt(move.plan, fmt::format("this journal says that the transaction ended, {}, but its "
                                                         "marker is there",
                                                         row->outcome));
        report.code = ExitCode::in_doubt;
        return {};
    }
    if (!m_order.dry_run) {
        VMF_TRY(catch_up(move, *row));
        report = settle_transaction(m_environment, m_session, *row, m_order.settle);
        return {};
    }
    report.unchanged = fmt::format("would: vmferry rollback {}, which this journal has", row->head.id.brief());
    report.code = ExitCode::ok;
    return {};
}

Report FromHosts::settle(const MarkedMove& move)
{
    Report report;
    report.command = "rollback";
    report.transaction = move.marker.transaction.str();
    report.vm_name = move.vm_name;
    report.vm_uuid = move.plan.vm_uuid.str();
    report.from = move.plan.source;
    report.to = move.plan.target;
    const Monotonic::time_point start = Monotonic::now();
    if (auto attempted = attempt(move, report); !attempted) {
        report.code = engine::exit_code_untouched(attempted.error().kind());
        report.outcome.error = std::move(attempted).error();
        report.outcome.kind = OutcomeKind::refused;
    }
    report.outcome.duration = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    report.code = report.code == ExitCode::rolled_back ? ExitCode::ok : report.code;
    return report;
}

/// Nothing found; and that proves nothing of a host that gave no answer.
ExitCode tell_none(Environment& environment, const HostsOrder& order, const MarkedMoves& found)
{
    Report report;
    report.command = "rollback";
    if (found.away.empty()) {
        report.unchanged = fmt::format("No marker of vmferry on {}. Nothing to do.", fmt::join(order.hosts, ", "));
        report.outcome.kind = OutcomeKind::checked;
        report.code = ExitCode::ok;
    } else {
        report = untouched("rollback", "", found.away.front(),
                           Error(ErrorKind::unreachable, fmt::format("{} gives no answer", found.away.front()))
                               .with_cause(found.problem->text())
                               .with_next("bring it back, then the same command"));
    }
    tell(environment, report);
    return report.code;
}

}  // namespace

ExitCode settle_from_hosts(Environment& environment, Session& session, const HostsOrder& order)
{
    auto world = session.world();
    auto found = world ? marked_moves(**world, environment.settings.config, order.hosts)
                       : Result<MarkedMoves>(fail(world.error()));
    if (!found) {
        const Report report = untouched("rollback", "", "", std::move(found).error());
        tell(environment, report);
        return report.code;
    }
    if (found->moves.empty()) {
        return tell_none(environment, order, *found);
    }
    ExitCode worst = ExitCode::ok;
    for (const MarkedMove& move : found->moves) {
        if (environment.interrupt.requested()) {
            break;
        }
        const Report report = FromHosts(environment, session, order).settle(move);
        tell(environment, report);
        worst = worse(worst, report.code);
    }
    return worst;
}

}  // namespace vmferry::cli
