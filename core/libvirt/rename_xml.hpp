// Files of a VM under other paths, in its definition and in the records of its snapshots.

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/world/records.hpp"

namespace vmferry::libvirt {

/// The definition of a domain, or the record of a snapshot, in which disks and NVRAM name the new paths. The very text
/// when none of the old ones is named.
[[nodiscard]] Result<std::string> with_renames(const std::string& text, const std::vector<world::FileRename>& renames);

}  // namespace vmferry::libvirt
