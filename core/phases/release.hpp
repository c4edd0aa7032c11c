// Removes what the move leaves behind at the source, and the marker last.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase release_phase();

}  // namespace vmferry::phases
