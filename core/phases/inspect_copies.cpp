#include "core/phases/inspect_copies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/phases/here.hpp"

namespace vmferry::phases {

using engine::ImageCopy;
using model::DiskMove;
using model::Side;

namespace {

/// The NVRAM file is no disk.
const DiskMove* disk_of(const model::Plan& plan, const ImageCopy& copy)
{
    const auto& moves = engine::disks_moved(plan);
    const auto found =
        std::find_if(moves.begin(), moves.end(), [&](const DiskMove& one) { return one.target == copy.name; });
    return found == moves.end() ? nullptr : &*found;
}

}  // namespace

Result<model::Inspection> CopyInspection::look(const std::vector<ImageCopy>& copies, bool originals)
{
    const model::Plan& plan = m_context.plan;
    const Side side = originals || plan.moves_storage() ? Side::source : Side::target;
    std::vector<model::InspectedImage> images;
    for (const ImageCopy& copy : copies) {
        const DiskMove* disk = disk_of(plan, copy);
        const std::string& path = originals ? copy.from : copy.to;
        if (disk == nullptr) {
            continue;
        }
        VMF_TRY_ASSIGN(const bool here, prove_here(m_context, side, path));
        if (!here) {
            return fail(
                Error(ErrorKind::blocked, fmt::format("{} of {} is not seen by this machine, so nobody can look "
                                                      "into it here",
                                                      path, m_context.label(side)))
                    .with_id("VMF-E227")
                    .with_next("run vmferry where both images are, or leave out --verify guestfs"));
        }
        images.push_back({copy.name, path, disk->from_format});
    }
    auto inspection = m_context.image_inspector->inspect(images);
    if (inspection && !inspection->incomplete.empty()) {
        return fail(
            Error(ErrorKind::failed, fmt::format("the look into {} ended early: {}",
                                                 originals ? "the originals" : "the copies", inspection->incomplete))
                .with_id("VMF-E227"));
    }
    return inspection;
}

Result<> CopyInspection::look_at_originals(const std::vector<ImageCopy>& copies)
{
    if (m_context.image_inspector != nullptr) {
        VMF_TRY_ASSIGN(m_before, look(copies, true));
    }
    return {};
}

Result<> CopyInspection::compare_copies(const std::vector<ImageCopy>& copies)
{
    if (m_context.image_inspector == nullptr) {
        return {};
    }
    VMF_TRY_ASSIGN(const model::Inspection after, look(copies, false));
    const std::vector<std::string> differences = model::differences(m_before, after);
    if (differences.empty()) {
        return {};
    }
    return fail(Error(ErrorKind::failed,
                      fmt::format("what is in the copies of {} is not what is in its images", m_context.plan.vm_name))
                    .with_id("VMF-E226")
                    .with_cause(fmt::format("{}", fmt::join(differences, "; "))));
}

}  // namespace vmferry::phases
