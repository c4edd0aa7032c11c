// What a storage-move does and did, for people and for programs.

#pragma once

#include <string>
#include <vector>

#include "cli/report.hpp"
#include "core/world/disks.hpp"

namespace vmferry::cli {

/// "would move disk vda of web1: /a/web1.qcow2 -> /b/web1.qcow2 (qcow2, 20 GiB)", a line for each disk.
[[nodiscard]] std::string storage_plan_text(const model::Plan& plan);
/// How far the copies are, in one line.
[[nodiscard]] std::string copying_text(const std::string& phase, const std::string& elapsed,
                                       const std::vector<world::CopyProgress>& disks);
/// The result of a committed one, without its figures: "web1 uses /b/web1.qcow2 (vda)."
[[nodiscard]] std::string images_text(const Report& report);
/// What is left over, for the third line of a failure.
[[nodiscard]] std::string images_left_text(const engine::Outcome& outcome);
/// `disks` of the JSON result.
[[nodiscard]] OrderedJson disks_json(const std::vector<model::DiskMove>& disks, bool kept, bool return_ticket);
/// The command line that tries it again.
[[nodiscard]] std::string storage_retry(const std::string& vm, const model::StorageMove& move);

}  // namespace vmferry::cli
