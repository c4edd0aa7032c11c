#include "core/phases/switch.hpp"

#include "core/engine/acts.hpp"
#include "core/engine/copied_disks.hpp"
#include "core/engine/phase.hpp"
#include "core/engine/recovery.hpp"
#include "core/phases/fence.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;
using model::SwitchMode;

namespace {

/// While there still is a way back. Costs nothing while the connection stands: a target that was lost meanwhile must
/// not own the VM.
Result<> may_commit(Context& context)
{
    VMF_TRY(context.past_return ? Result<>{} : engine::check_interrupt(context));
    VMF_TRY(context.control(Side::target));
    return {};
}

/// Durable, before the target runs by our doing.
Result<> commit(Context& context)
{
    if (context.plan.switch_mode == SwitchMode::fence) {
        return commit_and_fence(context);
    }
    if (context.plan.switch_mode == SwitchMode::guarded) {
        VMF_TRY(may_commit(context));
    }
    // Without the guard libvirt's Confirm has ended the source or, where that failed, left it standing: it resumes it
    // no more. Only here and now it is known that the call went well, so this becomes durable first.
    VMF_TRY(context.record(journal::Kind::commit));
    return {};
}

bool is_started_by_libvirt(const model::Plan& plan)
{
    return plan.switch_mode == SwitchMode::native && !plan.was_paused;
}

/// POSTCOPY let it run, and it has all of its memory: nothing is left to be decided.
bool runs_already(Context& context)
{
    return context.target_let_run &&
           context.hosts.observe(Side::target, context.plan.vm_uuid, context.plan.limits.call).state ==
               model::RunState::running;
}

/// Everything between here and the resume of the target is time in which the guest stands. COMMIT is
/// the one durable write in it.
Result<> run(Context& context)
{
    if (runs_already(context)) {
        return {};
    }
    if (!context.target_let_run) {
        VMF_TRY(commit(context));
    }
    const bool by_libvirt = is_started_by_libvirt(context.plan);
    const bool source_stands = context.plan.switch_mode == SwitchMode::guarded && !context.target_let_run;
    // What stopped a target since libvirt started it, a human or a full disk, is not undone by us.
    const Result<> started = by_libvirt ? engine::see_target(context, engine::TargetIs::running, ErrorKind::unknown)
                                        : engine::start_target(context, source_stands);
    if (!started) {
        // A source in post-copy does not stand: nothing lets it run again. Else:
        // Refused, and the copy provably executed nothing: even this last step can be taken back.
        if (source_stands && started.error().kind() == ErrorKind::failed) {
            const auto stood = engine::to_string(engine::TargetIs::complete);
            VMF_TRY(context.record(journal::Kind::abort_intent, {}, engine::abort_body(stood)));
        }
        return started;
    }
    // The guest has run at the target: the point of no return is behind us.
    if (context.stopped_at && !context.plan.was_paused && !by_libvirt && !context.outcome.downtime) {
        context.outcome.downtime = context.world.clock.now() - *context.stopped_at;
    }
    return {};
}

}  // namespace

engine::Phase switch_phase() { return {.name = "switch", .steps = {}, .run = run}; }

}  // namespace vmferry::phases
