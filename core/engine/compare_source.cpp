#include "core/engine/compare_source.hpp"

#include "core/engine/undo.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

constexpr Milliseconds k_patience{5000};
constexpr Milliseconds k_pause{250};

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

/// What fails is a debt, and a difference.
void set_limit_again(Context& context, std::span<const Phase> phases)
{
    const OpenObject limit{"bandwidth:source", {{"max_bandwidth_mib_s", context.before.max_bandwidth_mib_s}}};
    context.record_or_warn(journal::Kind::ledger, limit.object, limit.intent);
    static_cast<void>(undo_object(context, phases, limit));
}

}  // namespace

Result<model::BeforeImage> source_to_compare(Context& context, std::span<const Phase> phases)
{
    const Milliseconds end = context.world.clock.now() + k_patience;
    bool limit_tried = false;
    while (true) {
        VMF_TRY_ASSIGN(auto now, look(context));
        if (!limit_tried && limit_is_forgotten(context.before, now)) {
            limit_tried = true;
            set_limit_again(context, phases);
            continue;
        }
        if (model::compare(context.before, now).empty() || context.world.clock.now() >= end) {
            return now;
        }
        context.world.clock.sleep(k_pause);
    }
}

}  // namespace vmferry::engine
