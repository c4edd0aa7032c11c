// The target begins to run: the fact of COMMIT into its marker, then the resume.

#include <fmt/format.h>

#include "core/base/log.hpp"
#include "core/engine/acts.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

/// The daemon answered and refused: nothing of that attempt is still on its way.
bool is_refusal(ErrorKind kind)
{
    return kind == ErrorKind::failed || kind == ErrorKind::not_found || kind == ErrorKind::denied;
}

/// After a start whose answer is no or none: what the target shows decides.
Result<> judge_start(Context& context, const Error& error)
{
    context.start_unanswered = context.start_unanswered || !is_refusal(error.kind());
    const model::Observation seen = context.hosts.observe(Side::target, context.plan.vm_uuid, context.plan.limits.call);
    switch (classify_target(seen, context.plan, false)) {
    case TargetIs::running: return {};
    case TargetIs::complete:
    case TargetIs::none:
    case TargetIs::defined:
        if (!context.start_unanswered) {
            return fail(Error(ErrorKind::failed, error.what()).with_cause(error.cause()));
        }
        break;
    default: break;
    }
    return fail(Error(ErrorKind::unknown, "the target may have run").with_cause(error.text()));
}

/// On the copy itself: from here on it owns the VM, whoever looks.
Result<> mark_target(Context& context, std::string_view effect, bool resumed)
{
    model::Marker marker = context.marker(Side::target);
    marker.committed = true;
    marker.resumed = resumed;
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    return context.effect(effect, [&] { return control->set_marker(context.plan.vm_uuid, marker); });
}

}  // namespace

void mark_resumed(Context& context)
{
    if (context.plan.moves_storage()) {
        return;  // There is one copy, and its marker is that of a source.
    }
    if (const auto marked = mark_target(context, "mark-resumed:target", true); !marked) {
        log::warn("the marker on {} does not say that the VM has run there: {}", context.plan.target,
                  marked.error().text());
    }
}

Result<> start_target(Context& context, bool source_stands)
{
    if (const auto marked = mark_target(context, "mark-commit:target", false); !marked) {
        const std::string what = fmt::format("the copy on {} could not be marked as the owner", context.plan.target);
        if (source_stands) {
            // Unless an earlier attempt has asked it to run, it provably has not.
            const ErrorKind kind = context.start_unanswered ? ErrorKind::unknown : ErrorKind::failed;
            return fail(Error(kind, what).with_cause(marked.error().text()));
        }
        context.warn(fmt::format("{}: {}", what, marked.error().text()));
    }
    const bool paused = context.plan.was_paused;
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    const auto started = context.effect(paused ? "activate:target" : "resume:target", [&] {
        return paused ? control->activate_images(context.plan.vm_uuid) : control->resume(context.plan.vm_uuid);
    });
    return started ? Result<>{} : judge_start(context, started.error());
}

}  // namespace vmferry::engine
