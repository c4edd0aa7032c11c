// libvirt, loaded when a command needs it: `vmferry --version` and `vmferry status` start without it.

#pragma once

#include "core/base/result.hpp"
#include "core/world/world.hpp"

namespace vmferry::cli {

/// The hypervisor of the module; lives as long as the process. Kind `internal` when it cannot be loaded.
[[nodiscard]] Result<world::Hypervisor*> load_hypervisor();

}  // namespace vmferry::cli
