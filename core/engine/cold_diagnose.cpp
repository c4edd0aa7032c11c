#include "core/engine/cold_settle.hpp"
#include "core/engine/settle_loop.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

/// Where the target's definition is to be used, or is the only one.
bool copies_decide(const ColdSituation& is)
{
    return is.source == ColdSourceIs::gone || (is.stage == Stage::commit && is.source == ColdSourceIs::off);
}

void look(Context& context, ColdDiagnosis& seen)
{
    const model::Plan& plan = context.plan;
    seen.source = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    seen.target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
    seen.situation.source = classify_cold_source(seen.source);
    seen.situation.target = classify_cold_target(seen.target, plan);
    seen.situation.copies = copies_decide(seen.situation) ? copies_hold(context) : CopiesHold::good;
}

}  // namespace

bool worth_waiting(const ColdSituation& is)
{
    return is.source == ColdSourceIs::unreachable || is.target == ColdTargetIs::unreachable ||
           is.copies == CopiesHold::unseen;
}

Json diagnosis_json(const ColdDiagnosis& seen)
{
    return {{"row", seen.row->name},
            {"action", to_string(seen.row->action)},
            {"stage", to_string(seen.situation.stage)},
            {"source", to_string(seen.situation.source)},
            {"target", to_string(seen.situation.target)},
            {"copies", to_string(seen.situation.copies)}};
}

Result<ColdDiagnosis> diagnose_cold(Context& context)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    ColdDiagnosis seen;
    seen.situation.stage = stage_of(entries);
    look_twice(context, seen, look);
    seen.row = &decide(seen.situation);
    return seen;
}

}  // namespace vmferry::engine
