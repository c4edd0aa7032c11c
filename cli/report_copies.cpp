#include "cli/report_copies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/base/json_at.hpp"
#include "core/base/path.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using model::DiskMove;
using model::PlannedStep;

namespace {

std::string targets_of(const model::DiskCopies& copies)
{
    std::vector<std::string> targets;
    std::transform(copies.disks.begin(), copies.disks.end(), std::back_inserter(targets),
                   [](const DiskMove& disk) { return disk.target; });
    return fmt::format("{}", fmt::join(targets, ", "));
}

}  // namespace

std::string copies_text(const Report& report)
{
    const model::DiskCopies& copies = report.copies;
    if (!copies.any()) {
        return {};
    }
    const bool one = copies.disks.size() == 1;
    const std::string kept = kept_text(report);
    return fmt::format(" Its disk{} {} {} copied.{}{}", one ? "" : "s", targets_of(copies), one ? "was" : "were",
                       kept.empty() ? "" : " ", kept);
}

std::string kept_text(const Report& report)
{
    if (!report.copies.keep_source) {
        return {};
    }
    std::vector<std::string> paths;
    std::transform(report.copies.disks.begin(), report.copies.disks.end(), std::back_inserter(paths),
                   [](const DiskMove& disk) { return disk.from; });
    return paths.empty() ? "" : fmt::format("Kept on {}, as at the switch: {}.", report.from, fmt::join(paths, ", "));
}

std::string copies_retry(const model::DiskCopies& copies)
{
    if (!copies.wanted) {
        return {};
    }
    std::set<std::string> places;
    for (const DiskMove& disk : copies.disks) {
        const std::string from = directory_of(disk.from);
        const std::string to = disk.pool.empty() ? directory_of(disk.to) : disk.pool;
        if (directory_of(disk.to) != from) {
            places.insert(fmt::format(" --map-storage {}={}", from, to));
        }
    }
    return fmt::format(" --copy-storage{}{}{}", fmt::join(places, ""), copies.keep_source ? " --keep-source" : "",
                       copies.synchronous ? " --sync-writes" : "");
}

std::string copying_sentence(const model::Plan& plan)
{
    return plan.copies.any() ? fmt::format("copies {} to {}{}, then ", targets_of(plan.copies), plan.target,
                                           plan.tls ? " through TLS" : ", in clear text")
                             : "";
}

std::string file_copying_sentence(const model::Plan& plan)
{
    return fmt::format("copies {} to {} as files, reads the copies back and compares", targets_of(plan.copies),
                       plan.target);
}

std::string image_sentence(const PlannedStep& step, const model::Plan& plan)
{
    const auto disk = std::find_if(plan.copies.disks.begin(), plan.copies.disks.end(),
                                   [&](const DiskMove& one) { return step.object == "image:" + one.target; });
    const std::string path = text_at(step.detail, "path");
    return disk == plan.copies.disks.end() ? fmt::format("creates {} on {}", path, plan.target)
                                           : fmt::format("creates {} on {} ({}, {})", path, plan.target,
                                                         disk->to_format, format_size(disk->capacity_bytes));
}

std::vector<PlannedStep> image_steps(const model::Plan& plan)
{
    std::vector<PlannedStep> steps;
    for (const DiskMove& disk : plan.copies.disks) {
        steps.push_back({"reserve", "image:" + disk.target, {{"path", disk.to}, {"working_pool", disk.working_pool}}});
    }
    return steps;
}

}  // namespace vmferry::cli
