// An image of our own for a disk, where there was no file.

#pragma once

#include "core/engine/context.hpp"

namespace vmferry::phases {

/// LEDGER("image:vda"), then an empty image of exactly the disk's size on that side. A file that is there is refused
/// (kind `blocked`) before the entry, so that what the ledger holds is ours to delete.
[[nodiscard]] Result<> create_image(engine::Context& context, model::Side side, const model::DiskMove& disk);

}  // namespace vmferry::phases
