// What a storage-move consists of: the images, their copies, the change of all disks at once, and what follows.

#pragma once

#include <vector>

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// LEDGER("image:vda") and an empty image for that disk at the target of a move between hosts. A file that is there is
/// refused before the entry: what the ledger holds is ours to delete.
[[nodiscard]] Result<> create_copy(engine::Context& context, const model::DiskMove& disk);

/// Marker and empty images at the target.
[[nodiscard]] engine::Phase images_phase();
/// Copies of all disks, side by side, until each follows the guest.
[[nodiscard]] engine::Phase copies_phase();
/// The guest stands; all disks change; COMMIT; it runs on.
[[nodiscard]] engine::Phase pivot_phase();
/// The VM runs on its new images, and they are what it is defined with.
[[nodiscard]] engine::Phase verify_images_phase();
/// The old images go, the marker last.
[[nodiscard]] engine::Phase release_images_phase();

}  // namespace vmferry::phases
