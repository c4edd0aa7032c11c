#include "core/phases/postcopy.hpp"

#include <fmt/format.h>

#include "core/engine/recovery.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

Result<> begin_postcopy(Context& context, const std::string& why)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    context.migration->hold_finish();
    VMF_TRY(context.record(journal::Kind::postcopy, {}, {{"reason", why}}));
    context.past_return = true;
    context.reporter.no_return();
    context.warn(fmt::format("{}; switched to post-copy: the memory of {} is on both hosts until all has arrived on {}",
                             why, context.plan.vm_name, context.plan.target));
    const Result<> asked =
        context.effect("start-postcopy:source", [&] { return control->start_postcopy(context.plan.vm_uuid); });
    return !asked && asked.error().kind() == ErrorKind::failed ? asked : Result<>{};
}

void answer_finish(Context& context)
{
    const model::Observation source =
        context.hosts.observe(Side::source, context.plan.vm_uuid, context.plan.limits.call);
    const auto is = engine::classify_source(source, context.before, context.plan, false);
    const bool start = context.past_return && is == engine::SourceIs::postcopy;
    static_cast<void>(context.effect("finish:target", [&]() -> Result<> {
        context.migration->pass_finish(start);
        return {};
    }));
    context.target_let_run = start;
    if (start) {
        // The guest runs already. The source's daemon forgets why its copy ended when it is restarted, so it is kept
        // here that the target owns the VM.
        context.record_or_warn(journal::Kind::commit);
    }
}

void look_for_target(Context& context)
{
    if (!context.target_let_run || context.outcome.downtime || !context.stopped_at) {
        return;
    }
    const model::Observation target =
        context.hosts.observe(Side::target, context.plan.vm_uuid, context.plan.limits.call);
    if (target.reachable && target.state == model::RunState::running) {
        context.outcome.downtime = context.world.clock.now() - *context.stopped_at;
    }
}

}  // namespace vmferry::phases
