// The ledger of a move as its plan and the markers on the hosts prove it, where the journal is lost.

#pragma once

#include <string>
#include <vector>

#include "core/engine/from_markers.hpp"

namespace vmferry::engine {

/// What the reservation changes, by the plan alone; whose files they are at the target only its marker tells.
[[nodiscard]] Result<std::vector<journal::Draft>> marked_ledger(Context& context, const std::vector<Phase>& phases,
                                                                const Markers& markers);

/// What the plan creates there beside the VM itself.
[[nodiscard]] std::vector<std::string> files_at_target(const model::Plan& plan);

}  // namespace vmferry::engine
