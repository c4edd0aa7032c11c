#include "core/phases/memory.hpp"

#include "core/engine/migrate_request.hpp"
#include "core/engine/settle.hpp"
#include "core/phases/watch.hpp"

namespace vmferry::phases {

using engine::Context;

namespace {

Result<> run(Context& context)
{
    // The call may switch at any time from its start on.
    VMF_TRY(context.record(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan)));
    VMF_TRY(context.effect("migrate", [&]() -> Result<> {
        const auto postcopy = context.plan.may_postcopy() ? world::PostCopyCall::allowed : world::PostCopyCall::none;
        VMF_TRY_ASSIGN(context.migration, context.driver->start(engine::migrate_request(context, postcopy)));
        return {};
    }));
    context.interrupt.set_waker([migration = context.migration.get()] { migration->wake(); });
    const Result<> complete = Watch(context).until_complete();
    context.interrupt.set_waker({});
    return complete;
}

}  // namespace

engine::Phase memory_phase() { return {.name = "memory", .steps = {}, .run = run}; }

}  // namespace vmferry::phases
