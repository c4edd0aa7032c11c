#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-S005", "disks given as pool and volume are resolved",
     "A disk of type 'volume' names a storage pool and a volume; what they are is decided by the pool of "
     "that name on each host, and two pools of one name may be two different directories. When the host "
     "tells the path or location behind the volume, the other storage checks judge that. An error means "
     "that it was not told, so nothing is known about sharing. Write the path or network location into "
     "the definition instead of pool and volume (virsh edit, then restart the VM), or accept it by "
     "--accept VMF-S005 when the pool is the same storage on both hosts."},
    {"VMF-S006", "disks are of a kind that can be shared",
     "Files, block devices and network disks can be opened by two hosts. A directory shown as a FAT "
     "disk, an NVMe controller of the host, a vhost-user or vhost-vdpa disk and kinds that vmferry does "
     "not know cannot be proved to be the same on the target. Move the data to a file, block or network "
     "disk, or detach the disk (virsh detach-disk) before the move."},
}};
constexpr const Topic& k_volume = k_topics[0];
constexpr const Topic& k_kind = k_topics[1];

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (!needs_sharing(disk)) {
            continue;
        }
        const Place place = place_of(disk);
        if (place == Place::pool) {
            context.proofs.disk_shared(disk.target, false);
            findings.push_back(error(k_volume, subject_of(disk),
                                     fmt::format("not proved to be shared: {} does not tell where volume {} is",
                                                 context.source_facts.label, disk.source),
                                     fmt::format("virsh edit {}: replace pool and volume of {} by their path",
                                                 context.domain.name, disk.target),
                                     {{"volume", disk.source}}));
        } else if (place == Place::other) {
            context.proofs.disk_shared(disk.target, false);
            findings.push_back(
                error(k_kind, subject_of(disk),
                      fmt::format("a disk of this kind ('{}') cannot be proved to be shared", disk.source),
                      fmt::format("virsh detach-disk {} {} --live, or move it to a file, block or "
                                  "network disk",
                                  context.domain.name, disk.target)));
        }
    }
    return or_not_applicable(std::move(findings), k_kind, "disks",
                             "all disks are files, block devices or network disks");
}

}  // namespace

VMF_REGISTER_CHECK(other_disks, k_topics, run);

}  // namespace vmferry::checks
