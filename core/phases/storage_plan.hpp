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
};

/// What the operator asked for.
struct StorageRequest {
    std::vector<std::string> disks;  ///< Empty: all that can be moved.
    std::string to;                  ///< An active pool or a directory.
    std::string format;              ///< Empty: as it is.
    std::vector<ImageWish> exactly;  ///< Instead of the three above.
    bool synchronous = false;
    uint64_t bandwidth_bytes_per_s = 0;
    model::Limits limits;
};

/// Looks at VM and datastores and fills the context: domain, before image, plan. Changes nothing. A plan
/// without disks: all of them are there already. Kinds beside the usual: `not_found` (VM, disk, datastore),
/// `blocked` (what cannot be moved, an existing image, no space).
[[nodiscard]] Result<> plan_storage_move(engine::Context& context, const Uuid& vm, const StorageRequest& request);

/// What undoes a committed storage-move: the disks go back to the images they had, by name.
[[nodiscard]] StorageRequest way_back(const model::Plan& plan);

}  // namespace vmferry::phases
