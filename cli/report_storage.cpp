#include "cli/report_storage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/path.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using engine::OutcomeKind;
using model::DiskMove;

std::string storage_plan_text(const model::Plan& plan)
{
    std::vector<std::string> lines;
    for (const DiskMove& disk : plan.storage.disks) {
        const std::string format =
            disk.from_format == disk.to_format ? disk.to_format : disk.from_format + " becomes " + disk.to_format;
        lines.push_back(fmt::format("would move disk {} of {}: {} -> {} ({}, {})", disk.target, plan.vm_name, disk.from,
                                    disk.to, format, format_size(disk.capacity_bytes)));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string copying_text(const std::string& phase, const std::string& elapsed,
                         const std::vector<world::CopyProgress>& disks)
{
    std::vector<std::string> parts;
    for (const world::CopyProgress& disk : disks) {
        parts.push_back(disk.ready
                            ? fmt::format("{} in sync", disk.target)
                            : fmt::format("{} {} of {} left, {}/s", disk.target, format_size(disk.remaining_bytes()),
                                          format_size(disk.total_bytes), format_size(disk.rate_bytes_per_s)));
    }
    return fmt::format("  {:<9} copy {:>12}   {}", phase, elapsed, fmt::join(parts, "; "));
}

std::string images_text(const Report& report)
{
    std::vector<std::string> parts;
    for (const DiskMove& disk : report.storage.disks) {
        parts.push_back(fmt::format("{} ({})", disk.to, disk.target));
    }
    const bool one = parts.size() == 1;
    const std::string old = report.storage.return_ticket ? one ? " follows each write" : "s follow each write"
                            : report.storage.keep_source ? one ? " is kept" : "s are kept"
                            : one                        ? " was removed"
                                                         : "s were removed";
    return fmt::format("{} uses {}. The old image{}.", report.vm_name, fmt::join(parts, ", "), old);
}

std::string images_left_text(const engine::Outcome& outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::committed:
    case OutcomeKind::committed_degraded: return "No old image is left.";
    case OutcomeKind::in_doubt: return "No image was removed; what this transaction created is in the journal.";
    default: return "No new image is left.";
    }
}

OrderedJson disks_json(const std::vector<DiskMove>& disks, bool kept, bool return_ticket)
{
    OrderedJson json = OrderedJson::array();
    for (const DiskMove& disk : disks) {
        OrderedJson one;
        one["target"] = disk.target;
        one["from"] = disk.from;
        one["from_format"] = disk.from_format;
        one["to"] = disk.to;
        one["to_format"] = disk.to_format;
        one["capacity_bytes"] = disk.capacity_bytes;
        one["kept"] = kept;
        one["return_ticket"] = return_ticket;
        json.push_back(std::move(one));
    }
    return json;
}

std::string storage_retry(const std::string& vm, const model::StorageMove& move)
{
    if (move.disks.empty()) {
        return {};
    }
    std::vector<std::string> targets;
    std::transform(move.disks.begin(), move.disks.end(), std::back_inserter(targets),
                   [](const DiskMove& disk) { return disk.target; });
    const DiskMove& first = move.disks.front();
    const std::string place = first.pool.empty() ? directory_of(first.to) : first.pool;
    return fmt::format("vmferry storage-move {} --disk {} --to {}", vm, fmt::join(targets, ","), place);
}

}  // namespace vmferry::cli
