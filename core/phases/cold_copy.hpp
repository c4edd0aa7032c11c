// The content of images of a VM that is off, from file to file: of a move between hosts that do not share them, and of
// a storage-move.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// "image:vda" and "nvram:target": empty files at the target, where there were none.
[[nodiscard]] Result<> make_cold_files(engine::Context& context);
[[nodiscard]] engine::Step cold_nvram_step();

/// Each is filled, read back and compared: COPIED(vda). On the side `to` of the plan.
[[nodiscard]] engine::Phase cold_copy_phase();

}  // namespace vmferry::phases
