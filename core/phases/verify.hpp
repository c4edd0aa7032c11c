// Sees that the VM is at the target, and only there.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase verify_phase();

}  // namespace vmferry::phases
