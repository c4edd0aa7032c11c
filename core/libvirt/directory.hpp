// A directory of a host, seen through a storage pool.
//
// - Nothing of the user's is touched: pools of theirs are not started, stopped or refreshed (a refresh
//   that fails would leave a pool inactive). Instead a transient pool of ours is laid over the same
//   directory. libvirt refuses two pools with one path, but compares paths as text: ours ends in some
//   "/." of its own.
// - A pool in /dev, /proc or /sys is refused: to scan a directory is to open what is in it, and opening
//   a watchdog arms it.

#pragma once

#include <libvirt/libvirt.h>

#include <optional>
#include <string>

#include "core/base/path.hpp"
#include "core/base/result.hpp"
#include "core/libvirt/handles.hpp"

namespace vmferry::libvirt {

/// A pool over `path`, named `name`: the transient one of that name if there is one, freshly scanned,
/// else a new one. nullopt when the host has no such directory. All of this file is for use inside
/// Connection::ask and act.
[[nodiscard]] Result<std::optional<PoolHandle>> open_directory(virConnectPtr connection, const std::string& path,
                                                               const std::string& name);
/// Ends the transient pool of that name; ok when there is none. Never a persistent one.
[[nodiscard]] Result<> close_directory(virConnectPtr connection, const std::string& name);

/// The file of that name in a pool; nullopt when there is none.
[[nodiscard]] Result<std::optional<VolumeHandle>> find_file(virStoragePoolPtr pool, const std::string& name);
/// Kind `failed` when a file of that name exists.
[[nodiscard]] Result<> create_file(virConnectPtr connection, virStoragePoolPtr pool, const std::string& name,
                                   const std::string& content);
/// At most 64 KiB of it.
[[nodiscard]] Result<std::string> read_file(virConnectPtr connection, virStorageVolPtr file);
[[nodiscard]] Result<> delete_file(virStorageVolPtr file);

}  // namespace vmferry::libvirt
