#include "core/phases/switch.hpp"

#include <fmt/format.h>

#include "core/engine/acts.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

/// While there still is a way back. Costs nothing while the connection stands: a target that was lost meanwhile must
/// not own the VM.
Result<> may_commit(Context& context)
{
    if (context.plan.switch_mode == model::SwitchMode::wait) {
        // libvirt's Confirm has ended the source or, where that failed, left it standing: it resumes it no more. Only
        // here and now it is known that the call went well, so this becomes durable first.
        return {};
    }
    VMF_TRY(engine::check_interrupt(context));
    VMF_TRY(context.control(Side::target));
    return {};
}

/// Everything between here and the resume of the target is time in which the guest stands. COMMIT is
/// the one durable write in it.
Result<> run(Context& context)
{
    VMF_TRY(may_commit(context));
    VMF_TRY(context.record(journal::Kind::commit));
    const bool guarded = context.plan.switch_mode == model::SwitchMode::guarded;
    const Result<> started = engine::start_target(context, guarded);
    if (!started) {
        // Refused, and the copy provably executed nothing: even this last step can be taken back.
        if (guarded && started.error().kind() == ErrorKind::failed) {
            VMF_TRY(context.record(journal::Kind::abort_intent));
        }
        return started;
    }
    // The guest has run at the target: the point of no return is behind us.
    if (context.stopped_at && !context.plan.was_paused) {
        context.outcome.downtime = context.world.clock.now() - *context.stopped_at;
    }
    return {};
}

}  // namespace

engine::Phase switch_phase() { return {.name = "switch", .steps = {}, .run = run}; }

}  // namespace vmferry::phases
