#include "cli/settlement.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/doubt.hpp"
#include "cli/hooks.hpp"
#include "cli/hosts_config.hpp"
#include "cli/report_copies.hpp"
#include "cli/report_storage.hpp"
#include "core/engine/copied_disks.hpp"
#include "core/engine/kept_images.hpp"
#include "core/engine/repair.hpp"
#include "core/engine/transaction.hpp"
#include "core/engine/undo.hpp"
#include "core/model/fields.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::Outcome;
using engine::OutcomeKind;
using journal::TransactionRow;
using model::Side;

namespace {

/// Hosts by the names that the journal has for them, and all that BEGIN says.
Result<WorkHandle> load(Environment& environment, Session& session, const TransactionRow& row)
{
    VMF_TRY_ASSIGN(const model::Plan plan, recorded_plan(session.store(), row.head.id));
    VMF_TRY_ASSIGN(const auto entries, session.store().entries(row.head.id));
    const Config& config = environment.settings.config;
    VMF_TRY_ASSIGN(auto source, recorded_address(config, plan.source, plan.source_uri));
    VMF_TRY_ASSIGN(auto target, recorded_address(config, plan.target, plan.target_uri));
    VMF_TRY_ASSIGN(world::World * world, session.world());
    WorkHandle work(new Work(*world, session.store(), environment, std::move(source), std::move(target)));
    VMF_TRY(engine::load_transaction(work->context, entries));
    return work;
}

Result<engine::SettleOptions> options_of(const SettleOrder& order, const model::Plan& plan)
{
    return settle_options(order, plan, fmt::format("vmferry rollback {}", plan.transaction.brief()));
}

Result<Outcome> settle_open(engine::Context& context, const std::vector<engine::Phase>& phases,
                            const SettleOrder& order)
{
    VMF_TRY_ASSIGN(const engine::SettleOptions options, options_of(order, context.plan));
    if (context.plan.command == "precheck") {
        return engine::settle_precheck(context, phases);
    }
    if (context.plan.command == engine::k_repair) {
        return engine::run_repair(context);
    }
    if (options.host_dead) {
        // The operator's word, with his name, before anything is done on the strength of it.
        VMF_TRY(context.record(journal::Kind::note, "host-dead", {{"host", order.host_dead}}));
    }
    return engine::settle(context, phases, options, std::nullopt);
}

/// Those that were called before the crash hear of the end. A recovery is never held up by a hook.
void end_hooks(Environment& environment, engine::Context& context, Outcome& outcome)
{
    if (context.plan.command == "precheck" || context.plan.command == engine::k_repair) {
        return;
    }
    if (const auto hooks = load_hooks(environment.settings.config)) {
        call_end_hooks(context, *hooks, outcome);
    } else {
        context.warn(hooks.error().text());
    }
}

Result<Outcome> release(engine::Context& context)
{
    VMF_TRY(engine::release_kept_images(context));
    const model::Observation vm = context.hosts.observe(Side::source, context.plan.vm_uuid, context.plan.limits.call);
    context.outcome.kind = OutcomeKind::committed;
    context.outcome.location = {context.plan.source, std::string(model::to_string(vm.state)), vm.reachable};
    return context.outcome;
}

Result<Outcome> settle_or_pay(Environment& environment, Work& work, const TransactionRow& row, const SettleOrder& order)
{
    engine::Context& context = work.context;
    const bool repair = context.plan.command == engine::k_repair;
    const auto* phases = repair ? &phases::precheck_phases() : phases::phases_of(context.plan);
    if (phases == nullptr) {
        return fail(Error(ErrorKind::journal,
                          fmt::format("this vmferry does not know how to settle a '{}'", context.plan.command))
                        .with_next("use the vmferry that began it, or a newer one"));
    }
    VMF_TRY_ASSIGN(const VmLock lock,
                   lock_patiently(environment, context.plan.vm_uuid, context.plan.vm_name, order.lock_patience));
    VMF_TRY_ASSIGN(const TransactionRow now, context.store.find(row.head.id.str()));
    VMF_TRY(refuse_live_worker(now));
    VMF_TRY(context.store.adopt(row.head.id));
    lock.describe(fmt::format("recovery of transaction {}", row.head.id.str()));
    if (order.release) {
        return release(context);
    }
    environment.reporter.resumed(context.plan);
    if (!now.worker.is_alive()) {
        context.warn("its worker was on another machine or in another container, where it cannot be seen from here");
    }
    if (now.outcome.empty()) {
        VMF_TRY_ASSIGN(Outcome outcome, settle_open(context, *phases, order));
        end_hooks(environment, context, outcome);
        return outcome;
    }
    return engine::pay_debts(context, *phases);
}

std::vector<UndoneStep> undone_steps(journal::Store& store, const Uuid& transaction, int64_t after)
{
    std::vector<UndoneStep> steps;
    const auto entries = store.entries(transaction);
    for (const journal::Entry& entry : entries ? *entries : std::vector<journal::Entry>()) {
        const bool tried = entry.kind == journal::Kind::undone || entry.kind == journal::Kind::debt;
        if (tried && entry.sequence > after) {
            steps.push_back({entry.sequence, entry.object, entry.kind == journal::Kind::undone});
        }
    }
    return steps;
}

/// What only the plan knows.
void speak_of(Report& report, const model::Plan& plan)
{
    report.storage = plan.storage;
    report.copies = plan.copies;
    report.retry = plan.moves_storage() ? storage_retry(plan.vm_name, plan.storage)
                                        : report.retry + (plan.tls ? " --tls" : "") + copies_retry(plan.copies);
}

Result<> attempt(Environment& environment, Session& session, const TransactionRow& row, const SettleOrder& order,
                 Report& report)
{
    const Monotonic::time_point start = Monotonic::now();
    VMF_TRY(refuse_live_worker(row));
    VMF_TRY_ASSIGN(const WorkHandle work, load(environment, session, row));
    speak_of(report, work->context.plan);
    const auto before = session.store().entries(row.head.id);
    const int64_t last = before && !before->empty() ? before->back().sequence : 0;
    VMF_TRY_ASSIGN(report.outcome, settle_or_pay(environment, *work, row, order));
    name_dead_host(report.outcome, session.store(), work->context.plan);
    report.outcome.duration = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    report.code = report.outcome.exit_code();
    if (order.release) {
        report.said = fmt::format("The old images that transaction {} of {} had kept were let go.", row.head.id.brief(),
                                  row.head.vm_name);
    }
    report.undone = undone_steps(session.store(), row.head.id, last);
    return {};
}

}  // namespace

Result<engine::SettleOptions> settle_options(const SettleOrder& order, const model::Plan& plan,
                                             const std::string& command)
{
    if (plan.moves_storage() && (order.forward || !order.host_dead.empty())) {
        return fail(Error(ErrorKind::usage, "a storage-move has one host and goes where its disks are: neither "
                                            "--forward nor --host-dead")
                        .with_next(command));
    }
    if (plan.was_off && (order.forward || !order.host_dead.empty())) {
        return fail(Error(ErrorKind::usage, "the VM was off when its move began, and the journal tells which way it "
                                            "goes: neither --forward nor --host-dead")
                        .with_next(command));
    }
    engine::SettleOptions options;
    options.forward = order.forward;
    if (order.host_dead.empty()) {
        return options;
    }
    if (order.host_dead != plan.source && order.host_dead != plan.target) {
        return fail(
            Error(ErrorKind::usage, fmt::format("transaction {} is between {} and {}, not {}", plan.transaction.brief(),
                                                plan.source, plan.target, order.host_dead))
                .with_next(
                    fmt::format("{0} --host-dead {1}   or   --host-dead {2}", command, plan.source, plan.target)));
    }
    options.host_dead = order.host_dead == plan.source ? Side::source : Side::target;
    return options;
}

Result<> refuse_live_worker(const TransactionRow& row)
{
    if (row.worker.is_alive() != true || row.worker.pid == ::getpid()) {
        return {};
    }
    return fail(Error(ErrorKind::busy, fmt::format("transaction {} of {} is being worked on by pid {}",
                                                   row.head.id.brief(), row.head.vm_name, row.worker.pid))
                    .with_id("VMF-E175")
                    .with_next(fmt::format("vmferry status {}", row.head.id.brief())));
}

Result<model::Plan> recorded_plan(journal::Store& store, const Uuid& transaction)
{
    VMF_TRY_ASSIGN(const auto entries, store.entries(transaction));
    if (entries.empty() || entries.front().kind != journal::Kind::begin) {
        return fail(ErrorKind::journal, fmt::format("transaction {} has no BEGIN entry", transaction.brief()));
    }
    VMF_TRY_ASSIGN(model::Plan plan,
                   model::plan_from_json(model::Fields(entries.front().body, "BEGIN entry").raw("plan")));
    engine::apply_decided_copies(plan, entries);
    return plan;
}

Report report_of(std::string_view command, const TransactionRow& row)
{
    Report report;
    report.command = command;
    report.transaction = row.head.id.str();
    report.vm_name = row.head.vm_name;
    report.vm_uuid = row.head.vm_uuid.str();
    report.from = row.head.source;
    report.to = row.head.target;
    report.retry = fmt::format("vmferry {} {} {}", row.head.command, row.head.vm_name, row.head.target);
    return report;
}

Report settle_transaction(Environment& environment, Session& session, const TransactionRow& row,
                          const SettleOrder& order)
{
    Report report = report_of("rollback", row);
    if (auto attempted = attempt(environment, session, row, order, report); !attempted) {
        report.code = engine::exit_code_untouched(attempted.error().kind());
        report.outcome.error = std::move(attempted).error();
        report.outcome.kind = OutcomeKind::refused;
    }
    return report;
}

Result<Forecast> forecast(Environment& environment, Session& session, const TransactionRow& row,
                          const SettleOrder& order)
{
    VMF_TRY(refuse_live_worker(row));
    VMF_TRY_ASSIGN(const WorkHandle work, load(environment, session, row));
    VMF_TRY_ASSIGN(const engine::SettleOptions options, options_of(order, work->context.plan));
    Forecast forecast;
    forecast.plan = work->context.plan;
    VMF_TRY(diagnose_into(work->context, options, forecast));
    VMF_TRY_ASSIGN(const auto entries, session.store().entries(row.head.id));
    for (const engine::OpenObject& object : engine::open_objects(entries)) {
        forecast.objects.push_back(object.object);
    }
    return forecast;
}

}  // namespace vmferry::cli
