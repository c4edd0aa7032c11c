// What a storage-move copies where. Chosen while planning; all disks of it move as one unit or not at all.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace vmferry::model {

struct DiskMove {
    std::string target;       ///< "vda".
    std::string from;         ///< Path of the image that is in use.
    std::string from_format;  ///< "raw", "qcow2".
    std::string to;           ///< Path of the image that will be created.
    std::string to_format;
    std::string pool;          ///< Of libvirt, in which it is created; empty: the directory of `to`.
    std::string mode;          ///< Octal, of the new file: as the old one's where the host tells it.
    std::string working_pool;  ///< Name of the transient pool that is used where `pool` is empty.
    uint64_t capacity_bytes = 0;
    uint64_t allocation_bytes = 0;  ///< Of the old image.
    std::string backing;            ///< Of old and new image, when only what lies above it is copied; else empty.
    std::string backing_format;
    bool reuse = false;      ///< `to` exists: an earlier move has kept it. It is written over, and never deleted.
    std::string owner = {};  ///< "uid:gid" of the new file: as the old one's where the host tells it.
};

struct StorageMove {
    std::vector<DiskMove> disks;         ///< Empty: not a storage-move.
    bool synchronous = false;            ///< Writes of the guest wait for the new image, too.
    uint64_t bandwidth_bytes_per_s = 0;  ///< Of each copy; 0: no limit.
    bool keep_source = false;            ///< The old images stay, for the way back.
    bool return_ticket = false;          ///< And they follow each write, by a copy in the other direction.
};

[[nodiscard]] Json to_json(const std::vector<DiskMove>& disks);
/// `what` names the list in a problem.
[[nodiscard]] Result<std::vector<DiskMove>> disk_moves_from_json(const Json& json, const std::string& what);
[[nodiscard]] Json to_json(const StorageMove& move);
[[nodiscard]] Result<StorageMove> storage_move_from_json(const Json& json);

}  // namespace vmferry::model
