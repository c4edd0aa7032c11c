#include "core/phases/announce.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

constexpr int k_rounds = 5;

Result<> run(Context& context)
{
    if (context.plan.was_paused) {
        return {};
    }
    return context.effect("announce:target", [&]() -> Result<> {
        VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
        return control->announce(context.plan.vm_uuid, k_rounds);
    });
}

}  // namespace

engine::Phase announce_phase()
{
    return {.name = "announce", .steps = {}, .run = run, .mark = journal::Kind::announced, .after_switch = true};
}

}  // namespace vmferry::phases
