// How the disks of a running VM change their images: copies, the wait for all of them, and the change itself.
// Used by a storage-move, and by its recovery in the other direction.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// One disk goes from an image to another.
struct ImageChange {
    std::string target;
    std::string from;
    std::string to;
    std::string to_format;
    bool shallow = false;  ///< Both have the same backing image, which is not copied.
};

/// All disks of the move, from old to new.
[[nodiscard]] std::vector<ImageChange> changes_forward(const model::StorageMove& move);
/// From new to old, of those that use their new image.
[[nodiscard]] std::vector<ImageChange> changes_back(const model::StorageMove& move,
                                                    const std::vector<world::DiskState>& states);

/// The disks of a host, opened anew if need be.
[[nodiscard]] Result<world::Disks*> disks_of(Context& context, model::Side side = model::Side::source);
[[nodiscard]] Result<std::vector<world::DiskState>> disk_states(Context& context);

/// LEDGER("PREFIX:vda") and the start of its copy, disk by disk. A disk that is being copied there already is
/// left so. `prefix`: "mirror", "mirror-back", "ticket".
[[nodiscard]] Result<> start_copies(Context& context, std::string_view prefix, const std::vector<ImageChange>& changes,
                                    bool synchronous);
/// Those whose disk does not use its new image yet.
[[nodiscard]] Result<std::vector<ImageChange>> still_open(Context& context, const std::vector<ImageChange>& changes);
/// Changes these disks, which must be open, all at once, and waits until QEMU and the daemon have done with each of
/// them. The guest must stand, or somebody else's writes may come between two disks. Ok says that nothing was refused:
/// that they use their new images tells verify_images().
[[nodiscard]] Result<> pivot_all(Context& context, const std::vector<ImageChange>& changes);
/// The instance uses each new image and no copy is left; a definition that names another image is rewritten and
/// read again.
[[nodiscard]] Result<> verify_images(Context& context, const std::vector<ImageChange>& changes);

/// libvirt ends a changed disk in the definition with an empty <backingStore/>. Takes it away where the definition had
/// none before; that it stays is no harm.
void tidy_definition(Context& context, const std::vector<ImageChange>& changes);

/// Removes an image file, unless a domain of the host names it.
[[nodiscard]] Result<> remove_image(Context& context, const std::string& path, const std::string& working_pool,
                                    model::Side side = model::Side::source);

}  // namespace vmferry::engine
