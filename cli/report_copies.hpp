// What a move says about the disks that went with the VM.

#pragma once

#include <string>

#include "cli/report.hpp"
#include "core/model/plan_file.hpp"

namespace vmferry::cli {

/// " Its disks vda, vdb were copied." Empty when none was.
[[nodiscard]] std::string copies_text(const Report& report);
/// What is left at the source because it was asked to be; empty: nothing.
[[nodiscard]] std::string kept_text(const Report& report);
/// " --copy-storage", for the command that tries it again.
[[nodiscard]] std::string copies_retry(const model::DiskCopies& copies);
/// What the memory phase does before it sends memory; empty: nothing.
[[nodiscard]] std::string copying_sentence(const model::Plan& plan);
/// What is done with the disks of a VM that is off.
[[nodiscard]] std::string file_copying_sentence(const model::Plan& plan);
/// "creates /srv/a.qcow2 on kvm2 (qcow2, 10 GiB)".
[[nodiscard]] std::string image_sentence(const model::PlannedStep& step, const model::Plan& plan);
/// The images that are created in a step of reserve.
[[nodiscard]] std::vector<model::PlannedStep> image_steps(const model::Plan& plan);

}  // namespace vmferry::cli
