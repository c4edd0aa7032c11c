#include "core/engine/image_change.hpp"
#include "core/engine/offline_settle.hpp"
#include "core/engine/settle_loop.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

void look(Context& context, OfflineDiagnosis& seen)
{
    const model::Plan& plan = context.plan;
    seen.vm = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    seen.states.clear();
    if (seen.vm.reachable && seen.vm.exists) {
        if (auto states = disk_states(context)) {
            seen.states = std::move(*states);
        }
    }
    seen.situation.vm = classify_cold_source(seen.vm);
    seen.situation.disks = classify_disks(seen.states, seen.vm.active(), plan.storage);
    seen.situation.used = used_since(context);
}

}  // namespace

bool worth_waiting(const OfflineSituation& is)
{
    return is.vm == ColdSourceIs::unreachable || is.used == UsedSince::unseen;
}

Json diagnosis_json(const OfflineDiagnosis& seen)
{
    return {{"row", seen.row->name},
            {"action", to_string(seen.row->action)},
            {"stage", to_string(seen.situation.stage)},
            {"source", to_string(seen.situation.vm)},
            {"disks", to_string(seen.situation.disks)},
            {"used", to_string(seen.situation.used)}};
}

Result<OfflineDiagnosis> diagnose_offline(Context& context)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    OfflineDiagnosis seen;
    seen.situation.stage = stage_of(entries);
    look_twice(context, seen, look);
    seen.row = &decide(seen.situation);
    return seen;
}

}  // namespace vmferry::engine
