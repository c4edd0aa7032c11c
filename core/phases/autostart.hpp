// The VM's autostart at the source, while two hosts know it.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// "autostart:source": off, so that a source host that reboots in the middle starts no second copy.
[[nodiscard]] engine::Step autostart_at_source();

}  // namespace vmferry::phases
