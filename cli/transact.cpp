#include "cli/transact.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "cli/doubt.hpp"
#include "cli/find_vm.hpp"
#include "cli/hosts_config.hpp"
#include "cli/image_inspection.hpp"
#include "cli/recorded_code.hpp"
#include "cli/report_storage.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::cli {

using model::Side;

namespace {

Result<engine::Outcome> run(engine::Context& context, const Hooks& hooks)
{
    if (context.plan.command == "precheck") {
        return engine::run_precheck(context, phases::precheck_phases());
    }
    const auto* phases = phases::phases_of(context.plan);
    VMF_TRY_ASSIGN(engine::Outcome outcome, engine::run_transaction(context, with_hooks(*phases, hooks)));
    // "Not now" comes before anything was created.
    const bool later = outcome.error && outcome.error->kind() == ErrorKind::busy && outcome.error->id() == "VMF-E180";
    if (later && outcome.kind == engine::OutcomeKind::rolled_back) {
        outcome.kind = engine::OutcomeKind::refused;
    }
    call_end_hooks(context, hooks, outcome);
    return outcome;
}

void fill(Report& report, const model::Plan& plan)
{
    report.transaction = plan.transaction.str();
    report.vm_name = plan.vm_name;
    report.vm_uuid = plan.vm_uuid.str();
    report.storage = plan.storage;
    report.copies = plan.copies;
}

/// Nothing is to be done: the VM is where it is wanted.
Result<bool> settled_already(engine::Hosts& hosts, const Uuid& vm, const Order& order, Report& report)
{
    VMF_TRY_ASSIGN(auto settled, already_there(hosts, vm, order.request.vm));
    if (!settled) {
        return false;
    }
    report.vm_uuid = vm.str();
    report.unchanged = settled->text;
    report.outcome.location = settled->location;
    report.outcome.warnings = settled->warnings;
    report.outcome.kind = engine::OutcomeKind::committed;
    report.code = engine::ExitCode::ok;
    return true;
}

/// The same of disks; a dry run ends here as well.
bool ends_with_plan(const engine::Context& context, const Order& order, Report& report)
{
    const bool there = !context.plan.moves_storage();
    if (!there && !order.dry_run) {
        return false;
    }
    fill(report, context.plan);
    report.transaction.clear();
    report.unchanged = there ? fmt::format("The disks of {} are there already. Nothing to do.", context.domain.name)
                             : storage_plan_text(context.plan);
    report.outcome.warnings = context.outcome.warnings;
    report.outcome.location = {context.plan.source, std::string(model::to_string(context.domain.now.state)), true};
    report.outcome.kind = engine::OutcomeKind::committed;
    report.code = engine::ExitCode::ok;
    return true;
}

/// Everything before BEGIN may fail and leaves no trace.
Result<> attempt(Environment& environment, Session& session, const Order& order, Done& done)
{
    const Settings& settings = environment.settings;
    VMF_TRY_ASSIGN(world::World * world, session.world());
    plugin::GuestfsInspector inspector(inspector_settings(settings.config),
                                       [&] { return environment.interrupt.requested(); });
    const WorkHandle work(new Work(*world, session.store(), environment, order.source, order.target));
    VMF_TRY(open_hosts(work->hosts, settings.config));
    VMF_TRY_ASSIGN(const Uuid vm, find_vm(work->hosts, order.request.vm));
    VMF_TRY_ASSIGN(const VmLock lock, lock_patiently(environment, vm, order.request.vm, order.lock_wait));
    VMF_TRY(refuse_unfinished(session.store(), vm, order.request.vm));
    // Only what is seen under the lock counts.
    Report& report = done.report;
    if (order.storage) {
        VMF_TRY(phases::plan_storage_move(work->context, vm, *order.storage));
        if (ends_with_plan(work->context, order, report)) {
            return {};
        }
    } else {
        VMF_TRY_ASSIGN(const bool settled, settled_already(work->hosts, vm, order, report));
        if (settled) {
            return {};
        }
        VMF_TRY(engine::plan_move(work->context, vm, order.request));
        if (order.copies) {
            VMF_TRY(phases::plan_copies(work->context, *order.copies));
        }
    }
    if (order.verify) {
        VMF_TRY(prepare_verify(work->context, settings.config, inspector));
    }
    if (order.before_run) {
        VMF_TRY(order.before_run(work->context));
    }
    lock.describe(fmt::format("{} of {}, transaction {}", order.request.command, work->context.plan.vm_name,
                              work->context.plan.transaction.str()));
    environment.progress.planned(work->context.plan);
    VMF_TRY(engine::check_interrupt(work->context));
    VMF_TRY_ASSIGN(report.outcome, run(work->context, order.hooks));
    keep_exit_code(session.store(), work->context.plan.transaction, report.outcome);
    name_dead_host(report.outcome, session.store(), work->context.plan);
    fill(report, work->context.plan);
    report.code = report.outcome.exit_code();
    done.domain = work->context.domain;
    return order.after_run ? order.after_run(work->context) : Result<>{};
}

}  // namespace

Result<> refuse_unfinished(journal::Store& store, const Uuid& vm, const std::string& name)
{
    VMF_TRY_ASSIGN(const auto rows, store.transactions());
    for (const journal::TransactionRow& row : rows) {
        if (row.head.vm_uuid != vm || !row.outcome.empty()) {
            continue;
        }
        const std::string tx = row.head.id.brief();
        if (row.worker.is_alive() == true) {
            return fail(Error(ErrorKind::busy,
                              fmt::format("{} is under way already: transaction {}, pid {}", name, tx, row.worker.pid))
                            .with_id("VMF-E175")
                            .with_next(fmt::format("vmferry status {}", tx)));
        }
        return fail(Error(ErrorKind::busy, fmt::format("{} has an unfinished transaction, {} ({} -> {})", name, tx,
                                                       row.head.source, row.head.target))
                        .with_id("VMF-E176")
                        .with_next(fmt::format("vmferry rollback {}", tx)));
    }
    return {};
}

Done carry_out(Environment& environment, Session& session, const Order& order)
{
    Done done;
    done.report.command = order.request.command;
    done.report.vm_name = order.request.vm;
    done.report.from = order.source.label;
    done.report.to = order.target.label;
    done.report.retry = order.retry;
    if (auto attempted = attempt(environment, session, order, done); !attempted) {
        const Report named = std::move(done.report);
        done.report = untouched(named.command, named.vm_name, named.to, std::move(attempted).error());
        done.report.from = named.from;
        if (done.report.code == engine::ExitCode::interrupted && environment.interrupt.signal_number() == SIGTERM) {
            done.report.code = engine::ExitCode::terminated;
        }
    }
    return done;
}

std::vector<std::string> accepted(const Config& config, const std::vector<std::string>& option)
{
    const char* variable = std::getenv("VMFERRY_ACCEPT");
    if (!option.empty() || variable == nullptr || *variable == '\0') {
        return option.empty() ? config.accept : option;
    }
    std::vector<std::string> ids;
    std::istringstream words(variable);
    for (std::string id; std::getline(words, id, ',');) {
        ids.push_back(std::move(id));
    }
    return ids;
}

std::string cache_directory(const Settings& settings)
{
    // Beside the journal: what was learned about host pairs is as private as that.
    return settings.journal_path.substr(0, settings.journal_path.rfind('/') + 1) + "cache";
}

}  // namespace vmferry::cli
