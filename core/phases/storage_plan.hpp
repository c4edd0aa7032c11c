// The plan of a storage-move: which disks, and where each of them goes.

#pragma once

#include <string>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::phases {

/// Where one disk is to go, when it is said exactly: the way back.
struct ImageWish {
    std::string target;
    std::string path;
    std::string format;
    std::string pool;
    std::string backing;  ///< As in model::DiskMove.
    std::string backing_format;
    bool reuse = false;  ///< It was kept: it may exist, and is the end of a return ticket perhaps.
};

/// What the operator asked for.
struct StorageRequest {
    std::vector<std::string> disks;  ///< Empty: all that can be moved.
    std::string to;                  ///< An active pool or a directory.
    std::string format;              ///< Empty: as it is.
    std::vector<ImageWish> exactly;  ///< Instead of the three above.
    bool shallow = false;  ///< Of backing chains only the top is copied, and both tops stand on the same image.
    bool keep_source = false;
    bool return_ticket = false;
    bool synchronous = false;
    uint64_t bandwidth_bytes_per_s = 0;
    model::Limits limits;
};

/// Looks at VM and datastores and fills the context: domain, before image, plan. Changes nothing. A plan
/// without disks: all of them are there already. Kinds beside the usual: `not_found` (VM, disk, datastore),
/// `blocked` (what cannot be moved, an existing image, no space).
[[nodiscard]] Result<> plan_storage_move(engine::Context& context, const Uuid& vm, const StorageRequest& request);

/// What undoes a committed storage-move: the disks go back to the images they had, by name; to the very files where
/// the move has `kept` them.
[[nodiscard]] StorageRequest way_back(const model::Plan& plan, bool kept);

}  // namespace vmferry::phases
