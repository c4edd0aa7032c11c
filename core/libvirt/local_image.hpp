// The content of a file that this machine sees itself: its bytes go through no daemon.
//
// Each piece has a limit; a file system that answers nothing any more keeps one thread.

#pragma once

#include <memory>

#include "core/world/images.hpp"

namespace vmferry::libvirt {

/// As libvirt's volumes tell it. Kind `not_found` also for what is no regular file; links are not followed.
[[nodiscard]] Result<world::FileStamp> local_stamp(const std::string& path);

/// Kind `failed` when the file does not look like `expected` any more.
[[nodiscard]] Result<std::unique_ptr<world::ImageReader>> open_local_reader(const std::string& path,
                                                                            const world::FileStamp& expected);
/// Of an existing file; what it holds goes.
[[nodiscard]] Result<std::unique_ptr<world::ImageWriter>>
open_local_writer(const std::string& path, const world::FileStamp& expected, uint64_t length_bytes);

}  // namespace vmferry::libvirt
