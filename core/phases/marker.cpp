#include "core/phases/marker.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

Result<std::optional<Json>> always(Context& /*context*/) { return Json::object(); }

Result<> set_marker(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return control->set_marker(context.plan.vm_uuid, context.marker(Side::source));
}

Result<> clear_marker(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return control->clear_marker(context.plan.vm_uuid);
}

}  // namespace

engine::Step source_marker_step() { return {"marker:source", always, set_marker, clear_marker}; }

}  // namespace vmferry::phases
