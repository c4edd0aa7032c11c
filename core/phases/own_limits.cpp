#include "core/phases/own_limits.hpp"

#include "core/model/before_image.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

using Intent = Result<std::optional<Json>>;

constexpr uint64_t k_qemu_default_ms = 300;

/// A limit ends with the emulator: where that is gone there is nothing left to set.
Result<> unless_off(Context& context, Side side, Result<> done)
{
    if (done || done.error().kind() == ErrorKind::unreachable) {
        return done;
    }
    const model::Observation there = context.hosts.observe(side, context.plan.vm_uuid, context.plan.limits.call);
    return there.reachable && !there.active() ? Result<>{} : done;
}

Intent downtime_intent(uint64_t limit_ms) { return std::optional<Json>(Json::object({{"max_downtime_ms", limit_ms}})); }

Result<> set_downtime(Context& context, Side side, const Json& intent)
{
    const Milliseconds wanted(intent.value("max_downtime_ms", int64_t{0}));
    VMF_TRY_ASSIGN(world::Controller * control, context.control(side));
    return wanted.count() == 0 ? Result<>{}
                               : unless_off(context, side, control->set_max_downtime(context.plan.vm_uuid, wanted));
}

Result<> set_bandwidth(Context& context, Side side, const Json& intent)
{
    const uint64_t wanted = intent.value("max_bandwidth_mib_s", model::k_no_speed_limit_mib_s);
    VMF_TRY_ASSIGN(world::Controller * control, context.control(side));
    return unless_off(context, side, control->set_max_bandwidth(context.plan.vm_uuid, wanted));
}

}  // namespace

engine::Step downtime_at_source()
{
    return {"downtime:source", [](Context& context) { return downtime_intent(context.plan.max_downtime_ms); },
            [](Context& context, const Json& /*intent*/) -> Result<> {
                VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
                return control->set_max_downtime(context.plan.vm_uuid, context.plan.schedule.first_downtime);
            },
            [](Context& context, const Json& intent) { return set_downtime(context, Side::source, intent); }};
}

engine::Step bandwidth_at_source()
{
    return {"bandwidth:source", [](Context& /*context*/) -> Intent { return std::nullopt; },
            [](Context& /*context*/, const Json& /*intent*/) -> Result<> { return {}; },
            [](Context& context, const Json& intent) { return set_bandwidth(context, Side::source, intent); }};
}

engine::Step downtime_at_target()
{
    return {"downtime:target",
            [](Context& context) -> Intent {
                const uint64_t wanted = context.plan.max_downtime_ms;
                const bool same = wanted == 0 || wanted == k_qemu_default_ms;
                return same ? std::nullopt : downtime_intent(wanted);
            },
            [](Context& context, const Json& intent) { return set_downtime(context, Side::target, intent); }};
}

engine::Step bandwidth_at_target()
{
    return {"bandwidth:target",
            [](Context& context) -> Intent {
                const uint64_t wanted = context.plan.max_bandwidth_mib_s;
                return model::limits_speed(wanted)
                           ? std::optional<Json>(Json::object({{"max_bandwidth_mib_s", wanted}}))
                           : std::nullopt;
            },
            [](Context& context, const Json& intent) { return set_bandwidth(context, Side::target, intent); }};
}

}  // namespace vmferry::phases
