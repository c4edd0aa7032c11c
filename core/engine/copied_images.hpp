// Images of a VM that is off and what the journal proves of their copies.
//
// - COPIED(vda) says that the copy was read back and holds what the original held, and how the original looked.
// - The VM can be started from its originals until its definition says otherwise, by anybody, and that is noticed: an
//   original that does not look as COPIED tells is newer than its copy, and the copy is worth nothing.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// One file that is copied: the image of a disk, or the NVRAM file.
struct ImageCopy {
    std::string name;  ///< "vda", "nvram".
    std::string from;  ///< On the source.
    std::string to;    ///< On the target; of a storage-move on the same host.
    std::string working_pool;
};

inline constexpr std::string_view k_nvram = "nvram";

/// The disks that get new images, on another host or on the same.
[[nodiscard]] const std::vector<model::DiskMove>& disks_moved(const model::Plan& plan);
/// What this transaction copies: the plan's disks, and the NVRAM file when the ledger has LEDGER("nvram:target").
[[nodiscard]] Result<std::vector<ImageCopy>> image_copies(Context& context);
/// How their paths change; none for a file that keeps its own.
[[nodiscard]] Result<std::vector<world::FileRename>> renames_of(Context& context);

/// Reads and writes the content of images on that side.
[[nodiscard]] Result<world::Images*> images_of(Context& context, model::Side side);
[[nodiscard]] Json to_json(const world::FileStamp& stamp);

/// Which images of a storage-move somebody has used since COPIED.
enum class UsedSince : unsigned {
    none,       ///< Neither. Also: nothing was copied yet.
    originals,  ///< The old ones: the new ones are older.
    copies,     ///< The new ones.
    both,
    unseen,  ///< It cannot be told.
};
inline constexpr unsigned k_used_since_count = 5;
[[nodiscard]] std::string_view to_string(UsedSince used);
[[nodiscard]] UsedSince used_since(Context& context);

/// How copies stand to their originals.
enum class CopiesHold : unsigned {
    good,    ///< Each is complete, and its original was not written to since. Also: there are none.
    stale,   ///< One is not complete, or its original is newer.
    unseen,  ///< It cannot be told: the host does not answer.
};
inline constexpr unsigned k_copies_hold_count = 3;
[[nodiscard]] std::string_view to_string(CopiesHold copies);

/// By COPIED and a fresh look at the originals. One that is gone is not newer.
[[nodiscard]] CopiesHold copies_hold(Context& context);
/// An error unless they are good: VMF-E224.
[[nodiscard]] Result<> refuse_stale_copies(Context& context);

}  // namespace vmferry::engine
