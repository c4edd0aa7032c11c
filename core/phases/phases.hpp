// The phases of each kind of transaction. Their order is decided here and nowhere else.

#pragma once

#include <vector>

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// precheck reserve memory switch | announce verify release: a live VM on storage both hosts share.
[[nodiscard]] const std::vector<engine::Phase>& migrate_phases();
/// precheck alone: what `vmferry precheck` runs, for the sake of proofs that must write.
[[nodiscard]] const std::vector<engine::Phase>& precheck_phases();
/// reserve storage switch | verify release: disks of a running VM to other datastores of its host.
[[nodiscard]] const std::vector<engine::Phase>& storage_phases();
/// reserve storage switch | verify release: disks of a VM that is off.
[[nodiscard]] const std::vector<engine::Phase>& offline_storage_phases();
/// precheck reserve switch | verify release: the definition of a VM that is off.
[[nodiscard]] const std::vector<engine::Phase>& cold_phases();
/// precheck reserve storage switch | verify release: the same with images that the hosts do not share.
[[nodiscard]] const std::vector<engine::Phase>& cold_copy_phases();
/// Of a move between hosts, by its plan.
[[nodiscard]] const std::vector<engine::Phase>& phases_of_move(const model::Plan& plan);
/// By the plan that BEGIN has; nullptr when this version does not know its command.
[[nodiscard]] const std::vector<engine::Phase>* phases_of(const model::Plan& plan);

}  // namespace vmferry::phases
