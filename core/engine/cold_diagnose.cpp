#include "core/engine/cold_settle.hpp"
#include "core/engine/settle_loop.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

void look(Context& context, ColdDiagnosis& seen)
{
    const model::Plan& plan = context.plan;
    seen.source = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    seen.target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
    seen.situation.source = classify_cold_source(seen.source);
    seen.situation.target = classify_cold_target(seen.target, plan);
}

}  // namespace

bool worth_waiting(const ColdSituation& is)
{
    return is.source == ColdSourceIs::unreachable || is.target == ColdTargetIs::unreachable;
}

Json diagnosis_json(const ColdDiagnosis& seen)
{
    return {{"row", seen.row->name},
            {"action", to_string(seen.row->action)},
            {"stage", to_string(seen.situation.stage)},
            {"source", to_string(seen.situation.source)},
            {"target", to_string(seen.situation.target)}};
}

Result<ColdDiagnosis> diagnose_cold(Context& context)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    ColdDiagnosis seen;
    seen.situation.stage = stage_of(entries);
    look(context, seen);
    for (int count = 0; count < k_most_looks && !worth_waiting(seen.situation); ++count) {
        const ColdSituation before = seen.situation;
        context.world.clock.sleep(k_second_look);
        look(context, seen);
        if (seen.situation == before) {
            break;
        }
    }
    seen.row = &decide(seen.situation);
    return seen;
}

}  // namespace vmferry::engine
