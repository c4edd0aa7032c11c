// Removes what the move leaves behind at the source, and the marker last.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase release_phase();
/// "definition:source": it goes when it is off, carries our marker, and the target has one.
[[nodiscard]] engine::Step definition_at_source();

}  // namespace vmferry::phases
