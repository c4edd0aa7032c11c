#include <fmt/format.h>

#include "core/engine/from_markers.hpp"

namespace vmferry::engine {

using model::Marker;

std::optional<std::string> later_transaction(const std::string& host, const model::Observation& seen,
                                             const model::Plan& plan)
{
    const std::optional<Marker>& marker = seen.marker();
    if (seen.reachable && marker && marker->transaction != plan.transaction && marker->epoch >= plan.epoch) {
        return fmt::format("{} bears the marker of a later transaction, {} (epoch {}, this one has {})", host,
                           marker->transaction.brief(), marker->epoch, plan.epoch);
    }
    return std::nullopt;
}

std::optional<std::string> older_than_hosts(const Diagnosis& seen, const model::Plan& plan)
{
    for (const auto& [host, observed] : {std::pair(plan.source, &seen.source), std::pair(plan.target, &seen.target)}) {
        if (auto later = later_transaction(host, *observed, plan)) {
            return later;
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
