#include "core/phases/switch.hpp"

#include <fmt/format.h>

#include "core/engine/acts.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

/// libvirt has ended the source by its Confirm: a warning in its log is all that says when it has not.
Result<> source_was_ended(Context& context)
{
    const model::Observation source =
        context.hosts.observe(Side::source, context.plan.vm_uuid, context.plan.limits.call);
    if (!source.reachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", context.plan.source));
    }
    if (source.active()) {
        return fail(ErrorKind::failed, fmt::format("libvirt said that {} has moved, but it is {} on {}",
                                                   context.plan.vm_name, model::describe(source), context.plan.source));
    }
    return {};
}

/// Everything between here and the resume of the target is time in which the guest stands. COMMIT is
/// the one durable write in it.
Result<> run(Context& context)
{
    VMF_TRY(engine::check_interrupt(context));
    // Costs nothing while the connection stands. A target that was lost meanwhile must not own the VM:
    // before COMMIT there is a way back.
    VMF_TRY(context.control(Side::target));
    const bool guarded = context.plan.switch_mode == model::SwitchMode::guarded;
    if (!guarded) {
        VMF_TRY(source_was_ended(context));
    }
    VMF_TRY(context.record(journal::Kind::commit));
    const Result<> started = engine::start_target(context);
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
