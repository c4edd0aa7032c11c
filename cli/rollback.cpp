// vmferry rollback TX | --vm VM [--hosts A,B] | --all-incomplete | --from-hosts HOST,...

#include <fmt/format.h>

#include "cli/ask.hpp"
#include "cli/command.hpp"
#include "cli/forecast.hpp"
#include "cli/from_hosts.hpp"
#include "cli/hosts_config.hpp"
#include "cli/kept.hpp"
#include "cli/repair.hpp"
#include "cli/run_options.hpp"
#include "cli/selection.hpp"
#include "cli/without_journal.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;
using journal::TransactionRow;

namespace {

class Rollback final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "rollback"; }
    [[nodiscard]] std::string_view summary() const override
    {
        return "settle an unfinished transaction, or undo a move";
    }
    [[nodiscard]] std::string_view synopsis() const override
    {
        return "TX | --vm VM [--hosts A,B] | --all-incomplete | --from-hosts A,B [OPTION...]";
    }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry rollback 01939f3c\n"
               "  vmferry rollback 01939f3c -n           what would be done?\n"
               "  vmferry rollback --all-incomplete      after a crash, at boot\n"
               "  vmferry rollback --from-hosts kvm1,kvm2                the journal is lost\n"
               "  vmferry rollback --vm web1 --hosts kvm1,kvm2           others left it so\n";
    }
    [[nodiscard]] bool guarded() const override { return !m_dry_run; }

    [[nodiscard]] std::string events() const override { return m_run.events; }

    void declare(OptionSet& options) override
    {
        options.argument("TX", m_id, false, "transaction, or the first digits of its id");
        options.text("--vm", m_vm, "VM", "the unfinished transaction (or the last move) of this VM");
        options.flag("--all-incomplete", m_all,
                     "all that are unfinished or owe something; those under way are left alone");
        options.list("--from-hosts", m_from_hosts, "HOST,...",
                     "the journal is lost: settle what vmferry's markers on these hosts tell");
        options.list("--hosts", m_hosts, "HOST,...",
                     "with --vm: settle what virsh or others left paused or twice defined on these two");
        options.text("--keep", m_keep, "HOST", "with --hosts: the copy of this host is meant; the other one goes");
        options.text("--host-dead", m_settle.host_dead, "HOST",
                     "this host is fenced: it runs nothing (your word, journaled)");
        options.flag("--forward", m_settle.forward,
                     "where both ways are open, finish at the target; adopt a --p2p move that goes on");
        options.flag("-n,--dry-run", m_dry_run, "say what would be done, do nothing");
        options.flag("-y,--yes", m_yes, "do not ask");
        m_run.declare(options);
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override;
    [[nodiscard]] ExitCode run(Environment& environment) override;

private:
    [[nodiscard]] ExitCode run_without_journal(Environment& environment, Session& session) const;
    [[nodiscard]] Result<std::vector<TransactionRow>> select(journal::Store& store) const;
    [[nodiscard]] Report settle_one(Environment& environment, Session& session, const TransactionRow& row);
    [[nodiscard]] Report move_back(Environment& environment, Session& session, const TransactionRow& row);
    [[nodiscard]] ExitCode settle_all(Environment& environment, Session& session,
                                      const std::vector<TransactionRow>& rows);

    std::string m_id;
    std::string m_vm;
    std::vector<std::string> m_from_hosts;
    std::vector<std::string> m_hosts;
    std::string m_keep;
    bool m_all = false;
    bool m_dry_run = false;
    bool m_yes = false;
    SettleOrder m_settle;
    RunOptions m_run;
};

Result<std::vector<TransactionRow>> Rollback::select(journal::Store& store) const
{
    if (m_all) {
        VMF_TRY_ASSIGN(const auto rows, store.transactions());
        return unsettled(rows);
    }
    if (!m_vm.empty()) {
        return of_vm(store, m_vm);
    }
    VMF_TRY_ASSIGN(TransactionRow row, by_id(store, m_id));
    return std::vector{std::move(row)};
}

ExitCode Rollback::run_without_journal(Environment& environment, Session& session) const
{
    if (!m_from_hosts.empty()) {
        return settle_from_hosts(environment, session, {m_from_hosts, m_settle, m_dry_run});
    }
    const Report report = repair_vm(environment, session, {m_vm, m_hosts, m_keep, m_settle.lock_patience, m_dry_run});
    tell(environment, report);
    return report.code;
}

Result<> Rollback::prepare(const Settings& settings)
{
    const int ways = (m_id.empty() ? 0 : 1) + (m_vm.empty() ? 0 : 1) + (m_all ? 1 : 0) + (m_from_hosts.empty() ? 0 : 1);
    if (ways != 1) {
        return fail(Error(ErrorKind::usage, "say which transaction: TX, --vm VM, --all-incomplete or --from-hosts")
                        .with_next("vmferry status"));
    }
    if (!m_from_hosts.empty() || !m_hosts.empty() || !m_keep.empty()) {
        return prepare_without_journal({m_from_hosts, m_vm, m_hosts, m_keep}, m_dry_run || m_yes);
    }
    // Asked here and not in the worker, which is not the terminal's foreground process.
    VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(settings.journal_path, journal::Access::read_only));
    VMF_TRY_ASSIGN(const auto rows, select(*store));
    if (m_dry_run || m_yes || m_all || rows.empty() || !needs_move_back(rows.front())) {
        return {};
    }
    const journal::TransactionHead& head = rows.front().head;
    const std::string move = words_of_way_back(head);
    VMF_TRY_ASSIGN(const bool yes, ask(fmt::format("Transaction {} is committed. Move {}?", head.id.brief(), move),
                                       "the move is committed: undoing it"));
    if (!yes) {
        return fail(Error(ErrorKind::interrupted, "not moved back")
                        .with_next(fmt::format("vmferry rollback {} -y", head.id.brief())));
    }
    return {};
}

Report Rollback::move_back(Environment& environment, Session& session, const TransactionRow& row)
{
    const Settings& settings = environment.settings;
    const auto tuning = tune(settings.config.profiles, settings.config.profile, settings.config.defaults, {}, {});
    if (!tuning) {
        return untouched("rollback", row.head.vm_name, row.head.source, tuning.error());
    }
    Order order;
    order.request.vm = row.head.vm_uuid.str();
    order.request.limits = tuning->limits;
    order.request.schedule = tuning->schedule;
    order.request.accepted = accepted(settings.config, {});
    order.request.cache_directory = cache_directory(settings);
    order.retry = fmt::format("vmferry rollback {} -y", row.head.id.brief());
    const auto plan = recorded_plan(session.store(), row.head.id);
    auto source = plan ? recorded_address(settings.config, plan->target, plan->target_uri) : fail(plan.error());
    auto target = plan ? recorded_address(settings.config, plan->source, plan->source_uri) : fail(plan.error());
    if (!source || !target) {
        return untouched("rollback", row.head.vm_name, row.head.source, !source ? source.error() : target.error());
    }
    // What went through TLS does not come back in clear text.
    order.request.tls = plan->tls || settings.config.require_tls;
    order.request.probes = plan->probes;
    order.source = *source;
    order.target = *target;
    if (plan->moves_storage()) {
        order.request.command = plan->command;
        order.storage = way_back_of(session.store(), *plan);
    }
    order.copies = phases::copies_back(*plan);
    order.lock_wait = m_settle.lock_patience;
    auto hooks = load_hooks(settings.config);
    if (!hooks) {
        return untouched("rollback", row.head.vm_name, row.head.source, std::move(hooks).error());
    }
    order.hooks = std::move(*hooks);
    return carry_out_way_back(environment, session, order, row.head.id);
}

Report Rollback::settle_one(Environment& environment, Session& session, const TransactionRow& row)
{
    if (needs_move_back(row)) {
        return move_back(environment, session, row);
    }
    if (!is_settled(row)) {
        Report report = settle_transaction(environment, session, row, m_settle);
        // To be as before is what was asked for here.
        report.code = report.code == ExitCode::rolled_back ? ExitCode::ok : report.code;
        return report;
    }
    Report report = report_of("rollback", row);
    report.unchanged = fmt::format("Transaction {} of {} ended before: {}. Nothing to do.", row.head.id.brief(),
                                   row.head.vm_name, row.outcome);
    report.code = ExitCode::ok;
    return report;
}

ExitCode Rollback::settle_all(Environment& environment, Session& session, const std::vector<TransactionRow>& rows)
{
    ExitCode worst = ExitCode::ok;
    int busy = 0;
    for (const TransactionRow& row : rows) {
        if (environment.interrupt.requested()) {
            break;
        }
        // Where it cannot be seen whether its worker lives, only an operator who names it may go on.
        const bool hidden = row.outcome.empty() && !row.worker.is_alive();
        const Report report = hidden ? Report{} : settle_one(environment, session, row);
        if (hidden || report.code == ExitCode::temp_fail) {
            ++busy;
            continue;
        }
        tell(environment, report);
        worst = worse(worst, report.code);
    }
    if (environment.settings.globals.verbosity >= 0 && environment.settings.globals.format == Format::text) {
        const std::string left = busy == 0 ? "" : fmt::format(", {} under way and left alone", busy);
        environment.output.result(
            fmt::format("{} unfinished transaction(s) looked at{}.\n", rows.size() - static_cast<size_t>(busy), left));
    }
    return worst;
}

ExitCode Rollback::run(Environment& environment)
{
    m_settle.lock_patience = m_run.lock_wait.value_or(Milliseconds(0));
    auto session = Session::open(environment, m_dry_run ? journal::Access::read_only : journal::Access::read_write);
    if (session && (!m_from_hosts.empty() || !m_hosts.empty())) {
        return run_without_journal(environment, **session);
    }
    auto rows = session ? select((*session)->store()) : fail(session.error());
    if (!rows) {
        const Report report = untouched("rollback", m_vm, "", std::move(rows).error());
        tell(environment, report);
        return report.code;
    }
    if (m_dry_run) {
        ExitCode worst = ExitCode::ok;
        for (const TransactionRow& row : *rows) {
            worst = worse(worst, tell_forecast(environment, **session, row, m_settle));
        }
        return worst;
    }
    if (m_all) {
        return settle_all(environment, **session, *rows);
    }
    ExitCode worst = ExitCode::ok;
    for (const TransactionRow& row : *rows) {
        const Report report = settle_one(environment, **session, row);
        tell(environment, report);
        worst = worse(worst, report.code);
    }
    return worst;
}

}  // namespace

std::unique_ptr<Command> make_rollback() { return std::make_unique<Rollback>(); }

}  // namespace vmferry::cli
