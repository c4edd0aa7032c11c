#include "core/checks/disks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/checks/shared_directory.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

Place place_of(const std::string& source)
{
    if (source.empty()) {
        return Place::none;
    }
    if (source.find("://") != std::string::npos) {
        return Place::network;
    }
    if (source.starts_with("/dev/")) {
        return Place::block;
    }
    return source.starts_with('/') ? Place::file : Place::other;
}

Place place_of(const model::Disk& disk)
{
    if (disk.source.empty()) {
        return disk.device == "cdrom" || disk.device == "floppy" ? Place::none : Place::other;
    }
    switch (disk.kind) {
    case model::DiskKind::file: return Place::file;
    case model::DiskKind::block: return Place::block;
    case model::DiskKind::network: return Place::network;
    case model::DiskKind::volume: {
        const Place place = place_of(disk.source);
        return place == Place::other ? Place::pool : place;
    }
    case model::DiskKind::directory:
    case model::DiskKind::other: break;
    }
    return Place::other;
}

std::string subject_of(const model::Disk& disk)
{
    return fmt::format("{} {}", disk.device.empty() ? "disk" : disk.device, disk.target);
}

bool is_removable_medium(const model::Disk& disk)
{
    return disk.device == "cdrom" || (disk.device == "floppy" && disk.read_only);
}

bool needs_sharing(const model::Disk& disk) { return place_of(disk) != Place::none && !is_removable_medium(disk); }

const model::DiskMove* copy_of(CheckContext& context, const model::Disk& disk, const Topic& topic,
                               std::vector<model::Finding>& findings)
{
    const auto copy = std::find_if(context.copies.begin(), context.copies.end(),
                                   [&](const model::DiskMove& one) { return one.target == disk.target; });
    const std::string directory = copy == context.copies.end() ? "" : probe_directory(disk.source);
    if (directory.empty()) {
        return nullptr;
    }
    const DirectoryProof proof = prove_directory(context, directory);
    report_leftovers(topic, context, proof, findings);
    return proof.verdict == DirectoryProof::Verdict::not_shared ? &*copy : nullptr;
}

void report_leftovers(const Topic& topic, const CheckContext& context, const DirectoryProof& proof,
                      std::vector<model::Finding>& findings)
{
    for (const std::string& leftover : proof.leftovers) {
        findings.push_back(warn(topic, "probe", fmt::format("a probe could not be removed: {}", leftover),
                                fmt::format("vmferry rollback {}", context.transaction), {{"leftover", leftover}}));
    }
}

std::vector<model::Finding> or_not_applicable(std::vector<model::Finding> findings, const Topic& topic,
                                              const std::string& subject, const std::string& message)
{
    if (findings.empty()) {
        findings.push_back(not_applicable(topic, subject, message));
    }
    return findings;
}

}  // namespace vmferry::checks
