#include <fmt/format.h>

#include <array>

#include "core/checks/block_identity.hpp"
#include "core/checks/disks.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-S004", "block devices are the same storage on both hosts",
     "A path such as /dev/sdb or /dev/mapper/data is only a name: on the target it may be another disk, "
     "and a guest that wakes up on it destroys both. Both hosts are asked for the WWN or serial of the "
     "device behind the path, and the answers must be equal and unique; serials that storage servers "
     "give to every first disk do not count. An error means that they differ, that a host has no such "
     "device, or that it knows no identity, as is the case with LVM volumes. Use a path made from the "
     "identity (/dev/disk/by-id/wwn-...) on a device that both hosts see. Accept it by --accept VMF-S004 "
     "only when you have compared the device on both hosts yourself, and when nothing but this VM writes "
     "it."},
}};
constexpr const Topic& k_identity = k_topics[0];

model::Finding judge(CheckContext& context, const model::Disk& disk)
{
    const BlockComparison comparison = compare_block_device(context, disk.source);
    context.proofs.disk_shared(disk.target, comparison.same);
    if (comparison.same) {
        return ok(k_identity, subject_of(disk), fmt::format("{} is {} on both hosts", disk.source, comparison.identity),
                  {{"path", disk.source}, {"identity", comparison.identity}, {"shared", true}});
    }
    Json facts = {{"path", disk.source}, {"shared", false}};
    if (comparison.error) {
        facts["cause"] = comparison.error->text();
    }
    return error(k_identity, subject_of(disk),
                 fmt::format("not proved to be shared: {}: {}", disk.source, comparison.reason),
                 fmt::format("compare on {} and {}: udevadm info --query=property {}", context.source_facts.label,
                             context.target_facts.label, disk.source),
                 std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        if (needs_sharing(disk) && place_of(disk) == Place::block) {
            findings.push_back(judge(context, disk));
        }
    }
    return or_not_applicable(std::move(findings), k_identity, "disks", "no block device");
}

}  // namespace

VMF_REGISTER_CHECK(block_disks, k_topics, run);

}  // namespace vmferry::checks
