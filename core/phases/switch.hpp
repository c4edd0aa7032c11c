// The guarded switch-over: COMMIT, the target runs. The point of no return lies in here.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase switch_phase();

}  // namespace vmferry::phases
