// What keeps disks from being moved to where they are to go: names, space, backing chains. Errors are of kind `blocked`
// unless the host does not answer.

#pragma once

#include <vector>

#include "core/engine/context.hpp"
#include "core/phases/storage_plan.hpp"

namespace vmferry::phases {

/// As the VM has it now; it must have it.
[[nodiscard]] const model::Disk& disk_of(const engine::Context& context, const model::DiskMove& move);

/// Nothing is overwritten but what was kept for this, and no other domain uses old or new image. A kept image that is
/// gone is made anew: `reuse` tells afterwards.
[[nodiscard]] Result<> settle_name(engine::Context& context, world::Disks& disks,
                                   const std::vector<model::DiskMove>& moves, model::DiskMove& move);
/// Without its backing image a disk moves when both tops can stand on one file.
[[nodiscard]] Result<> check_chain(const model::Disk& disk, const model::DiskMove& move, const StorageRequest& request);
/// What a VM that is off cannot have: its images are copied as files, by nobody who knows their format. Kind `blocked`,
/// VMF-E223. Says what has nothing to do.
[[nodiscard]] Result<> check_offline(engine::Context& context, const std::vector<model::DiskMove>& moves,
                                     const StorageRequest& request);
/// What the images take now must fit; what they may grow to is warned of.
[[nodiscard]] Result<> refuse_full(engine::Context& context, world::Disks& disks,
                                   const std::vector<model::DiskMove>& moves);
/// A copy to where the disk goes, onto an image that was kept for it, is its return ticket, and no job of others.
[[nodiscard]] model::DomainFacts without_tickets(model::DomainFacts domain, std::vector<world::DiskState>& states,
                                                 const std::vector<model::DiskMove>& moves);

}  // namespace vmferry::phases
