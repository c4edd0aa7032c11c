#include "core/engine/end_started.hpp"

#include <fmt/format.h>

namespace vmferry::engine {

using model::Side;

namespace {

/// All that a start does not change is compared.
Result<std::vector<model::Difference>> differences_beside_the_start(Context& context)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, context.plan.limits.call));
    VMF_TRY_ASSIGN(const model::BeforeImage seen, host->inspect().before_image(context.plan.vm_uuid));
    model::BeforeImage now = context.before;
    now.inactive_xml = seen.inactive_xml;
    now.autostart = seen.autostart;
    now.managed_save = seen.managed_save;
    now.snapshots = seen.snapshots;
    now.checkpoints = seen.checkpoints;
    return model::compare(context.before, now);
}

}  // namespace

std::optional<Outcome> end_started(Context& context, const model::Observation& source, bool clean)
{
    auto differences = differences_beside_the_start(context);
    if (!differences) {
        context.warn("the comparison with the before image has to wait: " + differences.error().text());
        context.outcome.debts.clear();
        return std::nullopt;
    }
    const std::string state(model::to_string(source.state));
    context.outcome.location = {context.plan.source, state, true};
    context.outcome.differences = std::move(*differences);
    context.warn(fmt::format("{} was started on {} during its move: it is {} there now", context.plan.vm_name,
                             context.plan.source, state));
    if (!context.outcome.differences.empty()) {
        return end_as(context, OutcomeKind::not_as_before);
    }
    return end_as(context, clean ? OutcomeKind::rolled_back : OutcomeKind::rolled_back_debts);
}

}  // namespace vmferry::engine
