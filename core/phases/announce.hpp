// Tells the network where the VM is now.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase announce_phase();

}  // namespace vmferry::phases
