#include "core/engine/images.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace vmferry::engine {

using model::Side;

std::string keep_images(Context& context, Side side)
{
    const std::string object = fmt::format("owner:{}", model::to_string(side));
    const auto host = context.hosts.get(side, context.plan.limits.call);
    const auto control = context.control(side);
    if (!host || !control) {
        return {};  // An away host is said elsewhere; when it is back this is looked at again.
    }
    const auto estranged = (*host)->inspect().estranged_images(context.plan.vm_uuid);
    if (!estranged) {
        log::info("the owners of the images of {} are not known: {}", context.plan.vm_name, estranged.error().text());
        return {};
    }
    std::string problem;
    for (const std::string& path : *estranged) {
        Result<> given = context.record(journal::Kind::note, object, {{"path", path}});
        if (given) {
            given = context.effect(object, [&] { return (*control)->give_image(context.plan.vm_uuid, path); });
        }
        if (!given) {
            problem = fmt::format("{} does not belong to the emulator's user any more: {}", path, given.error().text());
        }
    }
    return problem;
}

}  // namespace vmferry::engine
