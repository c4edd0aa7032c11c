// The plan of --copy-storage: which disks could be copied, and where each of them would go.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/context.hpp"
#include "core/phases/storage_plan.hpp"

namespace vmferry::phases {

/// What the operator asked for.
struct CopyRequest {
    /// A datastore of the source (an active pool, or a directory, with all below) and one of the target.
    std::vector<std::pair<std::string, std::string>> map;
    bool keep_source = false;
    bool synchronous = false;
    std::vector<ImageWish> exactly;  ///< Instead of `map`: the way back.
    /// By a sealed plan: these and no others, as they stand there.
    std::optional<model::DiskCopies> planned{};
};

/// After plan_move(): fills the plan with the disks that are copied if they are proved not to be shared. Changes
/// nothing. Kind `not_found` for a datastore that a host does not know; `bad_plan` when a disk is not what was planned.
[[nodiscard]] Result<> plan_copies(engine::Context& context, const CopyRequest& request);

/// What undoes a committed move: the copied disks go back to the images that they had, by name. nullopt: there are
/// none.
[[nodiscard]] std::optional<CopyRequest> copies_back(const model::Plan& plan);
/// What carries out exactly that plan.
[[nodiscard]] CopyRequest copies_as_planned(const model::Plan& plan);

}  // namespace vmferry::phases
