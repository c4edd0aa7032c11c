#include "core/phases/verify.hpp"

#include <fmt/format.h>

#include "core/engine/copied_disks.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

Result<> run(Context& context)
{
    const model::Plan& plan = context.plan;
    const model::Observation target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
    const auto wanted = plan.was_paused ? model::RunState::paused : model::RunState::running;
    if (!target.active() || target.state != wanted) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is {} on {}", plan.vm_name, model::describe(target), plan.target));
    }
    if (target.persistent != plan.persistent) {
        return fail(ErrorKind::failed, fmt::format("{} is {} on {}, which it was not before", plan.vm_name,
                                                   target.persistent ? "persistent" : "transient", plan.target));
    }
    const model::Observation source = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    if (source.active()) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is still {} on {}", plan.vm_name, model::describe(source), plan.source));
    }
    return engine::verify_copies(context);
}

}  // namespace

engine::Phase verify_phase()
{
    return {.name = "verify", .steps = {}, .run = run, .mark = journal::Kind::verified, .after_switch = true};
}

}  // namespace vmferry::phases
