// The migrate call, until the target is complete and the reply of its Finish is in our hand.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase memory_phase();

}  // namespace vmferry::phases
