// The moves that markers on some hosts tell of.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "core/model/host.hpp"
#include "core/model/plan.hpp"
#include "core/world/world.hpp"

namespace vmferry::cli {

/// One move, with its hosts as the user names them; nullopt where none of those is it.
struct MarkedMove {
    std::string vm_name;
    model::Marker marker;  ///< The target's, where both sides bear one.
    model::Plan plan;      ///< As the marker tells it; only its transaction, VM and names where it tells none.
    std::optional<model::HostAddress> source;
    std::optional<model::HostAddress> target;
};

struct MarkedMoves {
    std::vector<MarkedMove> moves;
    std::vector<std::string> away;  ///< Labels of hosts that do not answer.
    std::optional<Error> problem;   ///< Of the last of them.
};

/// Asks each host for its domains. Fails for a name that is no host.
[[nodiscard]] Result<MarkedMoves> marked_moves(world::World& world, const Config& config,
                                               const std::vector<std::string>& hosts);

}  // namespace vmferry::cli
