// Checks everything that decides whether the move ends well. What a proof writes is in the ledger first.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase precheck_phase();

}  // namespace vmferry::phases
