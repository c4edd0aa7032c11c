// What is other about a storage-move of a VM that is off: nobody writes, so its images are copied file by file, and its
// definition changes in one act.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// The copies are looked at once more, PIVOT_INTENT, the definition names the new images, is read again, COMMIT.
[[nodiscard]] engine::Phase offline_switch_phase();

}  // namespace vmferry::phases
