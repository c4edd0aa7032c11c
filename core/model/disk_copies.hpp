// The disks that go with a VM to another host because the two do not share them: --copy-storage.

#pragma once

#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/model/storage_move.hpp"

namespace vmferry::model {

struct DiskCopies {
    bool wanted = false;  ///< Disks that are proved not to be shared are copied; else they keep the VM where it is.
    /// In BEGIN those that would be copied if they are not shared; from the proof on those that are. `from` is of the
    /// source, everything else of the target.
    std::vector<DiskMove> disks;
    bool keep_source = false;  ///< The source's images stay when the VM has moved.
    bool synchronous = false;  ///< A write of the guest ends when it is in both images.

    [[nodiscard]] bool any() const { return !disks.empty(); }
    /// Leaves out the disks that are not among those targets.
    void reduce_to(const std::vector<std::string>& targets);
};

[[nodiscard]] Json to_json(const DiskCopies& copies);
[[nodiscard]] Result<DiskCopies> disk_copies_from_json(const Json& json);

}  // namespace vmferry::model
