#include "core/phases/memory.hpp"

#include "core/engine/settle.hpp"
#include "core/phases/watch.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

world::MigrationRequest request_of(Context& context)
{
    const model::Schedule& schedule = context.plan.schedule;
    return {
        .vm = context.plan.vm_uuid,
        .persist = context.plan.persistent,
        .live = !context.plan.was_paused,
        .allow_unsafe = context.allow_unsafe,
        .auto_converge = schedule.auto_converge,
        .connections = schedule.connections,
        .bandwidth_bytes_per_s = schedule.bandwidth_bytes_per_s,
        .migrate_uri = context.plan.migrate_uri,
        .tls = context.plan.tls,
        .tls_name = context.plan.tls_name,
        .start_paused = context.plan.switch_mode != model::SwitchMode::native,
        .fence = context.plan.switch_mode == model::SwitchMode::fence,
        .target_marker = context.marker(Side::target),
    };
}

Result<> run(Context& context)
{
    // The call may switch at any time from its start on.
    VMF_TRY(context.record(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan)));
    VMF_TRY(context.effect("migrate", [&]() -> Result<> {
        VMF_TRY_ASSIGN(context.migration, context.driver->start(request_of(context)));
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
