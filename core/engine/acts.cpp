#include "core/engine/acts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using model::RunState;
using model::Side;

namespace {

constexpr Milliseconds k_job_pause{200};
/// The ledger's name for the moment in which a VM runs that its user had paused.
constexpr std::string_view k_blip = "blip:source";

model::Observation observe(Context& context, Side side)
{
    return context.hosts.observe(side, context.plan.vm_uuid, context.plan.limits.call);
}

TargetIs target_now(Context& context) { return classify_target(observe(context, Side::target), context.plan, false); }

}  // namespace

Result<> see_target(Context& context, TargetIs wanted, ErrorKind otherwise)
{
    const model::Observation target = observe(context, Side::target);
    if (classify_target(target, context.plan, false) != wanted) {
        return fail(otherwise,
                    fmt::format("{} is {} on {}", context.plan.vm_name, model::describe(target), context.plan.target));
    }
    return {};
}

Result<> end_target(Context& context)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    const TargetIs is = target_now(context);
    if (is == TargetIs::unreachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", context.plan.target));
    }
    if (is == TargetIs::none || is == TargetIs::foreign) {
        return {};
    }
    const bool may_have_run = is == TargetIs::running || is == TargetIs::halted || is == TargetIs::postcopy ||
                              is == TargetIs::broken || is == TargetIs::unmarked;
    if (may_have_run) {
        return fail(ErrorKind::failed,
                    fmt::format("{} may have run on {}: it is not ended", context.plan.vm_name, context.plan.target));
    }
    VMF_TRY(context.effect("destroy:target", [&] { return control->destroy(context.plan.vm_uuid); }));
    VMF_TRY(context.effect("undefine:target", [&] { return control->undefine(context.plan.vm_uuid, {}); }));
    const TargetIs after = target_now(context);
    if (after != TargetIs::none) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is still {} on {}", context.plan.vm_name, to_string(after), context.plan.target));
    }
    return {};
}

namespace {

/// After RESUMED, whatever became of the VM since: its marker may be gone, and it may be off.
bool may_lack_memory(const model::Observation& target)
{
    using model::StateReason;
    const bool in_postcopy = target.reason == StateReason::postcopy || target.reason == StateReason::postcopy_failed;
    return !target.reachable || (target.active() && (in_postcopy || target.job_active));
}

/// A daemon whose client died behind a cut link keeps the job until its own keepalive gives up.
model::Observation observe_without_job(Context& context)
{
    const Milliseconds end = context.world.clock.now() + context.plan.limits.settle;
    model::Observation source = observe(context, Side::source);
    // The job of a post-copy that broke never ends by itself.
    const auto may_end = [&] { return source.job_active && source.reason != model::StateReason::postcopy_failed; };
    while (source.reachable && source.active() && may_end() && context.world.clock.now() < end) {
        context.world.clock.sleep(k_job_pause);
        source = observe(context, Side::source);
    }
    return source;
}

}  // namespace

Result<> end_source(Context& context)
{
    const model::Observation source = observe_without_job(context);
    if (!source.reachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", context.plan.source));
    }
    if (!source.active()) {
        return {};
    }
    const SourceIs is = classify_source(source, context.before, context.plan, false);
    const bool ours = source.live_marker && source.live_marker->transaction == context.plan.transaction;
    if (is == SourceIs::runs || is == SourceIs::working || is == SourceIs::other_instance || !ours) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is {} on {}", context.plan.vm_name, model::describe(source), context.plan.source));
    }
    if (is == SourceIs::postcopy && may_lack_memory(observe(context, Side::target))) {
        return fail(ErrorKind::failed, fmt::format("{} is not seen to have all of the memory of {}: the part on {} is "
                                                   "kept",
                                                   context.plan.target, context.plan.vm_name, context.plan.source));
    }
    // A VM that its user had paused has not run since: without the target's copy this one is all there is.
    if (context.plan.was_paused && !observe(context, Side::target).active()) {
        return fail(ErrorKind::failed, fmt::format("{} has no copy of {} any more: the one on {} is kept",
                                                   context.plan.target, context.plan.vm_name, context.plan.source));
    }
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return context.effect("destroy:source", [&] { return control->destroy(context.plan.vm_uuid); });
}

namespace {

/// A blip was begun and not seen to end: a VM that runs now does so because of us.
bool is_in_blip(Context& context)
{
    const auto all = context.entries();
    const auto open = all ? open_objects(*all) : std::vector<OpenObject>();
    return std::any_of(open.begin(), open.end(), [](const OpenObject& object) { return object.object == k_blip; });
}

Result<> end_blip(Context& context, world::Controller& control)
{
    VMF_TRY(context.effect("suspend:source", [&] { return control.suspend(context.plan.vm_uuid); }));
    context.defer(journal::Kind::undone, std::string(k_blip));
    context.warn(fmt::format("{} ran for some milliseconds on {} to leave QEMU's postmigrate state; it is paused "
                             "again",
                             context.plan.vm_name, context.plan.source));
    return {};
}

/// Only a VM that its user had paused comes here with an emulator in `postmigrate`.
Result<> unstick_paused_source(Context& context, world::Controller& control)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, context.plan.limits.call));
    VMF_TRY_ASSIGN(const std::string status, host->inspect().emulator_status(context.plan.vm_uuid));
    if (status != "postmigrate") {
        return {};
    }
    VMF_TRY(context.record(journal::Kind::ledger, std::string(k_blip)));
    VMF_TRY(context.effect("resume:source", [&] { return control.resume(context.plan.vm_uuid); }));
    return end_blip(context, control);
}

}  // namespace

Result<> restore_source(Context& context)
{
    const SourceIs is = classify_source(observe(context, Side::source), context.before, context.plan, false);
    if (is == SourceIs::unreachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", context.plan.source));
    }
    if (is == SourceIs::working) {
        return fail(ErrorKind::busy, fmt::format("a job works on {}", context.plan.vm_name));
    }
    const bool in_blip = is == SourceIs::runs && context.plan.was_paused && is_in_blip(context);
    if (is != SourceIs::held && !in_blip) {
        return {};
    }
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    if (in_blip) {
        return end_blip(context, *control);
    }
    if (context.plan.was_paused) {
        return unstick_paused_source(context, *control);
    }
    return context.effect("resume:source", [&] { return control->resume(context.plan.vm_uuid); });
}

}  // namespace vmferry::engine
