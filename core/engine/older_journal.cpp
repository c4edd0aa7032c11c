#include <fmt/format.h>

#include "core/engine/from_markers.hpp"

namespace vmferry::engine {

using model::Marker;

std::optional<std::string> older_than_hosts(const Diagnosis& seen, const model::Plan& plan)
{
    for (const auto& [host, observed] : {std::pair(plan.source, &seen.source), std::pair(plan.target, &seen.target)}) {
        const std::optional<Marker>& marker = observed->marker();
        if (observed->reachable && marker && marker->transaction != plan.transaction && marker->epoch >= plan.epoch) {
            return fmt::format("{} bears the marker of a later transaction, {} (epoch {}, this one has {})", host,
                               marker->transaction.brief(), marker->epoch, plan.epoch);
        }
    }
    const Stage stage = seen.situation.stage;
    const auto target = markers_of(seen, plan.transaction).target;
    if ((stage == Stage::open || stage == Stage::intent) && target && target->committed) {
        return fmt::format("the marker on {} says that COMMIT was durable, and this journal has none", plan.target);
    }
    return std::nullopt;
}

}  // namespace vmferry::engine
