// What kind of file system a path lies on: does it keep what was synced?

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace vmferry::journal {

enum class Keeping {
    durable,    ///< A local disk, as far as one can tell.
    volatile_,  ///< Memory: gone with the power.
    remote,     ///< Another machine's word for locks and syncs.
};

struct FileSystem {
    Keeping keeping = Keeping::durable;
    std::string name;  ///< "ext4" is not told apart and empty; "tmpfs", "NFS", ...
};

/// By the number that statfs(2) gives.
[[nodiscard]] FileSystem classify(uint64_t magic);
/// The super options of an overlay mount ("rw,lowerdir=...,upperdir=...,volatile"): it keeps what its
/// upper directory keeps.
[[nodiscard]] FileSystem classify_overlay(std::string_view options);

/// `path` must exist. Kind `journal`.
[[nodiscard]] Result<FileSystem> file_system_of(const std::string& path);

/// Whether the journal may be written on `system`. Kind `journal`, with the remedy.
[[nodiscard]] Result<> admit_file_system(const FileSystem& system, const std::string& path);
/// Whether a transaction's worth of room is left. Kind `journal`.
[[nodiscard]] Result<> admit_free_room(const std::string& path);

}  // namespace vmferry::journal
