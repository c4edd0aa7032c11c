#include "core/engine/migrate_request.hpp"

namespace vmferry::engine {

world::MigrationRequest migrate_request(Context& context, world::PostCopyCall postcopy)
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
        .postcopy = postcopy,
        .copies = context.plan.copies.disks,
        .synchronous_copies = context.plan.copies.synchronous,
        .target_marker = context.marker(model::Side::target),
    };
}

}  // namespace vmferry::engine
