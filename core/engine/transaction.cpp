#include "core/engine/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/secret.hpp"
#include "core/engine/ending.hpp"
#include "core/engine/finish.hpp"
#include "core/engine/settle.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using model::Side;

journal::TransactionHead head_of(const model::Plan& plan)
{
    return {.id = plan.transaction,
            .command = plan.command,
            .vm_uuid = plan.vm_uuid,
            .vm_name = plan.vm_name,
            .source = plan.source,
            .target = plan.target,
            .epoch = plan.epoch,
            .begun_at_ms = wall_clock_ms()};
}

namespace {

Result<> run_phase(Context& context, const Phase& phase)
{
    VMF_TRY(check_interrupt(context));
    context.reporter.phase_started(phase.name);
    const Milliseconds start = context.world.clock.now();
    Result<> done = phase.run ? phase.run(context) : run_steps(context, phase.steps);
    if (done && phase.mark) {
        done = context.record(*phase.mark);
    }
    if (!done) {
        context.reporter.phase_failed(phase.name, done.error());
        return fail(std::move(done).error());
    }
    context.reporter.phase_done(phase.name, context.world.clock.now() - start, {});
    return {};
}

}  // namespace

Result<int64_t> next_epoch(Context& context, const Uuid& vm, const model::Observation& target)
{
    VMF_TRY_ASSIGN(int64_t epoch, context.store.highest_epoch(vm));
    for (const model::Observation* seen : {&std::as_const(context.before.state), &target}) {
        for (const auto& marker : {seen->live_marker, seen->inactive_marker}) {
            epoch = std::max(epoch, marker ? marker->epoch : 0);
        }
    }
    return epoch + 1;
}

namespace {

/// What was asked for and is about memory has no meaning for a VM that has none; said, where somebody asked for it.
void leave_out_memory(Context& context)
{
    model::Plan& plan = context.plan;
    const bool asked = plan.switch_mode != model::SwitchMode::guarded || plan.peer_to_peer || !plan.probes.empty() ||
                       plan.schedule.may_postcopy();
    if (asked) {
        context.warn(fmt::format("{} is shut off: there is no memory to send and nobody to answer, so --switch, --p2p, "
                                 "--postcopy and --probe have nothing to do",
                                 plan.vm_name));
    }
    plan.switch_mode = model::SwitchMode::guarded;
    plan.peer_to_peer = false;
    plan.probes.clear();
    plan.migrate_uri.clear();
    plan.schedule = {};
}

}  // namespace

Result<> plan_move(Context& context, const Uuid& vm, const MoveRequest& request)
{
    world::Host& source = context.hosts.at(Side::source);
    auto image = std::async(context.world.questions, [&] { return source.inspect().before_image(vm); });
    auto twin = std::async(context.world.questions,
                           [&] { return context.hosts.observe(Side::target, vm, request.limits.call); });
    auto described = source.inspect().describe(vm);
    auto before = image.get();
    const model::Observation at_target = twin.get();
    VMF_TRY_ASSIGN(context.domain, std::move(described));
    VMF_TRY_ASSIGN(context.before, std::move(before));
    const model::DomainFacts& domain = context.domain;

    model::Plan& plan = context.plan;
    plan.limits = request.limits;
    plan.schedule = request.schedule;
    plan.switch_mode = request.switch_mode;
    plan.peer_to_peer = request.peer_to_peer;
    plan.transaction = Uuid::make_v7();
    VMF_TRY_ASSIGN(plan.epoch, next_epoch(context, vm, at_target));
    plan.command = request.command;
    plan.vm_uuid = vm;
    plan.vm_name = domain.name;
    plan.source = context.hosts.address(Side::source).label;
    plan.target = context.hosts.address(Side::target).label;
    plan.source_uri = redact_uri(context.hosts.address(Side::source).uri);
    plan.target_uri = redact_uri(context.hosts.address(Side::target).uri);
    const std::string& migrate_host = context.hosts.address(Side::target).migrate_host;
    plan.migrate_uri = migrate_host.empty() ? "" : "tcp:" + migrate_host;
    plan.tls = request.tls;
    plan.tls_name = request.tls_name;
    plan.probes = request.probes;
    plan.persistent = domain.now.persistent;
    plan.was_paused = domain.now.state == model::RunState::paused;
    plan.was_off = domain.now.state == model::RunState::shut_off;
    plan.autostart = domain.autostart;
    plan.nvram = domain.nvram;
    plan.max_downtime_ms = context.before.max_downtime_ms;
    plan.max_bandwidth_mib_s = context.before.max_bandwidth_mib_s;
    if (plan.was_off) {
        leave_out_memory(context);
    }
    context.accepted = request.accepted;
    context.cache_directory = request.cache_directory;
    return {};
}

namespace {

Result<> begin(Context& context)
{
    Json body = Json::object();
    Json& plan = body["plan"] = model::to_json(context.plan);
    body["plan_digest"] = sha256_hex(context.plan_text(plan));
    body["before"] = model::to_json(context.before);
    VMF_TRY(context.begin(head_of(context.plan), std::move(body)));
    context.reporter.begun(context.plan);
    return {};
}

/// All that comes before the point of no return; what made it fail, if anything did.
std::optional<Error> run_phases(Context& context, const std::vector<Phase>& phases)
{
    for (const Phase& phase : phases) {
        if (phase.after_switch) {
            break;
        }
        if (auto done = run_phase(context, phase); !done) {
            return std::move(done).error();
        }
    }
    return std::nullopt;
}

/// What a precheck may have left is in its ledger: probes.
Outcome end_precheck(Context& context, const std::vector<Phase>& phases, OutcomeKind kind)
{
    if (const auto entries = context.entries()) {
        for (const OpenObject& object : open_objects(*entries)) {
            static_cast<void>(undo_object(context, phases, object));
        }
    }
    return end_as(context, context.outcome.debts.empty() ? kind : OutcomeKind::rolled_back_debts);
}

}  // namespace

Result<Outcome> run_precheck(Context& context, const std::vector<Phase>& phases)
{
    const Milliseconds start = context.world.clock.now();
    VMF_TRY(begin(context));
    context.outcome.error = run_phases(context, phases);
    OutcomeKind kind = context.outcome.error ? OutcomeKind::refused : OutcomeKind::checked;
    if (context.outcome.error && context.outcome.error->kind() == ErrorKind::interrupted) {
        context.outcome.stop_signal = context.interrupt.signal_number();
        kind = OutcomeKind::rolled_back;
    }
    const model::Observation& seen = context.before.state;
    context.outcome.location = {context.plan.source, std::string(model::to_string(seen.state)), true};
    Outcome outcome = end_precheck(context, phases, kind);
    outcome.duration = context.world.clock.now() - start;
    return outcome;
}

Outcome settle_precheck(Context& context, const std::vector<Phase>& phases)
{
    context.outcome.location = {context.plan.source, {}, false};
    return end_precheck(context, phases, OutcomeKind::rolled_back);
}

Result<Outcome> run_transaction(Context& context, const std::vector<Phase>& phases)
{
    const Milliseconds start = context.world.clock.now();
    VMF_TRY(begin(context));
    std::optional<Error> cause = run_phases(context, phases);
    Outcome outcome =
        cause ? settle(context, phases, {}, std::move(cause)) : finish(context, phases, FinishScope::whole);
    outcome.duration = context.world.clock.now() - start;
    return outcome;
}

}  // namespace vmferry::engine
