#include "core/engine/compare_source.hpp"

#include "core/engine/undo.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

Result<model::BeforeImage> look(Context& context)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, context.plan.limits.call));
    VMF_TRY_ASSIGN(auto image, host->inspect().before_image(context.plan.vm_uuid));
    if (image.state.job_active) {
        return fail(ErrorKind::busy, "a job works on " + context.plan.vm_name);
    }
    return image;
}

/// Another limit than none was set by somebody who is there: it stays, as a difference.
bool limit_is_forgotten(const model::BeforeImage& before, const model::BeforeImage& now)
{
    return model::limits_speed(before.max_bandwidth_mib_s) && now.max_bandwidth_mib_s == model::k_no_speed_limit_mib_s;
}

}  // namespace

Result<model::BeforeImage> source_to_compare(Context& context, std::span<const Phase> phases)
{
    VMF_TRY_ASSIGN(auto now, look(context));
    if (!limit_is_forgotten(context.before, now)) {
        return now;
    }
    const OpenObject limit{"bandwidth:source", {{"max_bandwidth_mib_s", context.before.max_bandwidth_mib_s}}};
    context.record_or_warn(journal::Kind::ledger, limit.object, limit.intent);
    static_cast<void>(undo_object(context, phases, limit));  // What fails is a debt, and a difference.
    return look(context);
}

}  // namespace vmferry::engine
