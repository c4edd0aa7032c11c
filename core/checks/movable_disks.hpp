// Which disks of a running VM can change their images, and why others cannot.

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/domain.hpp"
#include "core/world/disks.hpp"

namespace vmferry::checks {

/// Those that `wanted` names, each once; all that can move when it is empty. Kinds: `not_found` for a disk
/// that the VM has not, `blocked` for one that cannot be moved, and when there is nothing to move.
[[nodiscard]] Result<std::vector<model::Disk>> movable_disks(const model::DomainFacts& domain,
                                                             const std::vector<std::string>& wanted);

/// Why the image of that disk cannot be moved or copied, as the end of a sentence: "is read-only"; empty: it can.
[[nodiscard]] std::string why_not_movable(const model::Disk& disk);

/// The VM is such that its disks can be moved now. Kind `blocked`.
[[nodiscard]] Result<> disks_may_move(const model::DomainFacts& domain);

/// Instance and definition name the same image, and no copy of it is under way. Kind `blocked`.
[[nodiscard]] Result<> image_is_steady(const model::Disk& disk, const world::DiskState* state);

}  // namespace vmferry::checks
