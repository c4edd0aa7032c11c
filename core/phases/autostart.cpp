#include "core/phases/autostart.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

Result<std::optional<Json>> autostart_is_on(Context& context)
{
    return context.plan.autostart ? std::optional<Json>(Json::object()) : std::nullopt;
}

Result<> set_autostart(Context& context, bool on)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return control->set_autostart(context.plan.vm_uuid, on);
}

}  // namespace

engine::Step autostart_at_source()
{
    return {"autostart:source", autostart_is_on,
            [](Context& context, const Json& /*intent*/) { return set_autostart(context, false); },
            [](Context& context, const Json& /*intent*/) { return set_autostart(context, true); }};
}

}  // namespace vmferry::phases
