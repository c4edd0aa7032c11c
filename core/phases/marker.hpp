// The marker of a transaction on the VM that it works on.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// "marker:source". It comes first and goes last: it is what proves every later act ours.
[[nodiscard]] engine::Step source_marker_step();

}  // namespace vmferry::phases
