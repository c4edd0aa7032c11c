#include "cli/repair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/transact.hpp"
#include "cli/two_hosts.hpp"
#include "core/engine/repair.hpp"

namespace vmferry::cli {

using engine::CopiesSeen;
using engine::CopyAct;
using engine::ExitCode;
using engine::Remedy;
using model::Side;

namespace {

std::string command_of(const RepairOrder& order)
{
    return fmt::format("vmferry rollback --vm {} --hosts '{}'", order.vm, fmt::join(order.hosts, ","));
}

Result<std::optional<Side>> kept_side(const RepairOrder& order)
{
    if (order.keep.empty()) {
        return std::optional<Side>();
    }
    if (order.keep != order.hosts.front() && order.keep != order.hosts.back()) {
        return fail(Error(ErrorKind::usage,
                          fmt::format("--keep names one of {}, not {}", fmt::join(order.hosts, " and "), order.keep))
                        .with_next(fmt::format("{} --keep {}", command_of(order), order.hosts.front())));
    }
    return std::optional(order.keep == order.hosts.front() ? Side::source : Side::target);
}

/// What vmferry itself is at work on has a table of its own.
Result<> refuse_marked(const CopiesSeen& seen, const RepairOrder& order)
{
    for (const model::Observation* one : {&seen.first, &seen.second}) {
        for (const auto& marker : {one->live_marker, one->inactive_marker}) {
            if (marker) {
                return fail(Error(ErrorKind::failed, fmt::format("transaction {} of vmferry holds {}",
                                                                 marker->transaction.brief(), order.vm))
                                .with_id("VMF-E190")
                                .with_next(fmt::format("vmferry rollback {}; where its journal is lost: vmferry "
                                                       "rollback --from-hosts '{}'",
                                                       marker->transaction.brief(), fmt::join(order.hosts, ","))));
            }
        }
    }
    return {};
}

engine::Outcome undecided(const CopiesSeen& seen, const RepairOrder& order)
{
    engine::Outcome outcome;
    outcome.kind = engine::OutcomeKind::in_doubt;
    outcome.reason = seen.found.row->reason;
    if (seen.found.row->remedy == Remedy::choose) {
        for (const std::string& host : order.hosts) {
            outcome.commands.push_back(fmt::format("{} --keep {}", command_of(order), host));
        }
    } else {
        outcome.commands = {
            fmt::format("vmferry status --doctor {} --hosts '{}'", order.vm, fmt::join(order.hosts, ","))};
    }
    return outcome;
}

std::string acts_text(const CopiesSeen& seen, const RepairOrder& order)
{
    constexpr std::string_view k_words[] = {"resume", "end the paused copy on", "remove the definition on"};
    std::vector<std::string> words;
    for (const CopyAct& act : seen.acts) {
        words.push_back(fmt::format("{} {}", k_words[static_cast<unsigned>(act.kind)],
                                    act.side == Side::source ? order.hosts.front() : order.hosts.back()));
    }
    return fmt::format("{}", fmt::join(words, " -> "));
}

/// Sets the report when there is nothing to do, or nothing that may be done.
bool is_over(const CopiesSeen& seen, const RepairOrder& order, Report& report)
{
    if (seen.found.row->remedy == Remedy::none) {
        report.unchanged = fmt::format("{}: {}. Nothing to do.", report.vm_name, seen.found.row->reason);
        report.outcome.kind = engine::OutcomeKind::checked;
        report.code = ExitCode::ok;
        return true;
    }
    if (seen.acts.empty()) {
        report.outcome = undecided(seen, order);
        report.code = ExitCode::in_doubt;
        return true;
    }
    if (order.dry_run) {
        report.unchanged =
            fmt::format("{}: {}\nwould: {}", report.vm_name, seen.found.row->reason, acts_text(seen, order));
        report.code = ExitCode::ok;
        return true;
    }
    return false;
}

Result<> attempt(Environment& environment, Session& session, const RepairOrder& order, Report& report)
{
    VMF_TRY_ASSIGN(const auto hosts, two_hosts(environment.settings.config, order.hosts, order.vm));
    VMF_TRY_ASSIGN(const std::optional<Side> keep, kept_side(order));
    VMF_TRY_ASSIGN(world::World * world, session.world());
    const WorkHandle look(new Work(*world, session.store(), environment, hosts.first, hosts.second));
    VMF_TRY_ASSIGN(const FoundVm vm, find_on_either(look->hosts, environment.settings.config, order.vm));
    report.vm_name = vm.name;
    report.vm_uuid = vm.uuid.str();
    VMF_TRY_ASSIGN(const VmLock lock, lock_patiently(environment, vm.uuid, vm.name, order.lock_patience));
    VMF_TRY(refuse_unfinished(session.store(), vm.uuid, vm.name));
    const CopiesSeen seen = look_at_copies(look->context, vm.uuid, keep);
    VMF_TRY(refuse_marked(seen, order));
    if (seen.found.row->remedy == Remedy::wait) {
        return fail(Error(ErrorKind::busy, fmt::format("{}: {}", vm.name, seen.found.row->reason))
                        .with_next(command_of(order) + "   when it has ended"));
    }
    if (is_over(seen, order, report)) {
        return {};
    }
    const bool swap = keep.value_or(seen.found.here) == Side::source;
    const WorkHandle work(new Work(*world, session.store(), environment, swap ? hosts.second : hosts.first,
                                   swap ? hosts.first : hosts.second));
    if (const auto host = work->hosts.get(Side::target, k_connect_limit)) {
        work->context.before = (*host)->inspect().before_image(vm.uuid).value_or(model::BeforeImage());
    }
    CopiesSeen sides = seen;
    if (swap) {
        std::swap(sides.first, sides.second);
    }
    VMF_TRY(engine::begin_repair(work->context, vm.uuid, vm.name, sides, keep.has_value()));
    const model::Plan& plan = work->context.plan;
    lock.describe(fmt::format("repair of {}, transaction {}", vm.name, plan.transaction.str()));
    report.outcome = engine::run_repair(work->context);
    report.transaction = plan.transaction.str();
    report.from = plan.source;
    report.to = plan.target;
    report.code = report.outcome.exit_code();
    if (report.code == ExitCode::ok) {
        report.said =
            fmt::format("{} is {} on {}: {}, done.   (details: vmferry audit {})", vm.name,
                        report.outcome.location.state, plan.target, acts_text(seen, order), plan.transaction.brief());
    }
    return {};
}

}  // namespace

Report repair_vm(Environment& environment, Session& session, const RepairOrder& order)
{
    Report report;
    report.command = "rollback";
    report.vm_name = order.vm;
    if (auto attempted = attempt(environment, session, order, report); !attempted) {
        report.code = engine::exit_code_untouched(attempted.error().kind());
        report.outcome.error = std::move(attempted).error();
        report.outcome.kind = engine::OutcomeKind::refused;
    }
    return report;
}

}  // namespace vmferry::cli
