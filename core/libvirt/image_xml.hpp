// The XML of disks' images: in definitions, of copy jobs, of volumes.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/world/disks.hpp"

namespace vmferry::libvirt {

/// All disks that have a medium. `live` of a VM that is off and `inactive` of a transient one are empty texts.
[[nodiscard]] Result<std::vector<world::DiskState>> read_disk_states(const std::string& live,
                                                                     const std::string& inactive);
/// Every path that a definition names as a disk's source, in backing chains and copy jobs, too.
[[nodiscard]] Result<std::vector<std::string>> image_paths_of(const std::string& definition);
/// The definition with another file under that disk; nullopt when it says that already. What it said of the old one's
/// backing chain goes, and so does a chain that says no more than that there is none.
/// Kind `not_found` when it has no such disk.
[[nodiscard]] Result<std::optional<std::string>> with_image(const std::string& definition, const std::string& target,
                                                            const std::string& path, const std::string& format);
/// The destination of virDomainBlockCopy.
[[nodiscard]] std::string copy_xml(const std::string& path, const std::string& format);
/// For virStorageVolCreateXML: no more allocated than it must.
[[nodiscard]] std::string image_xml(const world::ImageOrder& order);

}  // namespace vmferry::libvirt
