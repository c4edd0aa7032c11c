#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 3> k_topics{{
    {"VMF-P006", "no snapshots are recorded that would stay behind",
     "libvirt keeps the records of snapshots on the host and cannot take them along: it refuses to "
     "migrate a VM that has any, whatever their kind. With a VM that is shut off vmferry takes the records along, as "
     "long as the snapshots' data is inside the images; snapshots with files of their own stay behind, and so does "
     "the VM. Removing only the record (virsh snapshot-delete VM "
     "NAME --metadata) keeps the snapshot's data in the images but makes libvirt forget it; save the "
     "record first with virsh snapshot-dumpxml, so that it can be given back on the target with virsh "
     "snapshot-create --redefine. Merge external snapshots (virsh blockcommit) when they are no longer "
     "needed."},
    {"VMF-P007", "no checkpoints are recorded",
     "Checkpoints are the memory of incremental backups. Their records stay behind on the source: the "
     "next backup on the target has nothing to build on, and libvirt refuses to remove the source's "
     "definition while they exist, so the move could not be completed cleanly. Let the backup software "
     "remove them (virsh checkpoint-delete VM NAME, or --metadata to keep the bitmaps in the images) and "
     "plan a full backup after the move."},
    {"VMF-P008", "no managed save image exists",
     "A managed save image is an old memory state that the next start on this host would restore, over "
     "disks that have gone on since: that corrupts file systems. It does not travel, and libvirt refuses "
     "to remove the source's definition while it exists. Remove it with virsh managedsave-remove VM."},
}};
constexpr const Topic& k_snapshots = k_topics[0];
constexpr const Topic& k_checkpoints = k_topics[1];
constexpr const Topic& k_managed_save = k_topics[2];

model::Finding judge_snapshots(const model::DomainFacts& domain, const std::string& subject)
{
    Json facts = {{"snapshots", domain.snapshots}};
    if (domain.snapshots == 0) {
        return ok(k_snapshots, subject, "no snapshots");
    }
    const bool off = !domain.now.active();
    if (off && domain.external_snapshots == 0) {
        return ok(k_snapshots, subject, fmt::format("the records of {} snapshot(s) go along", domain.snapshots),
                  std::move(facts));
    }
    if (off) {
        facts["external"] = domain.external_snapshots;
        return error(k_snapshots, subject,
                     fmt::format("{} of its snapshots have files of their own, which would stay behind",
                                 domain.external_snapshots),
                     fmt::format("virsh snapshot-list {} --external; merge or delete them", domain.name),
                     std::move(facts));
    }
    return error(k_snapshots, subject,
                 fmt::format("libvirt cannot migrate a VM with snapshots; it has {}", domain.snapshots),
                 fmt::format("shut it down first: then their records go along; or virsh snapshot-delete {} NAME "
                             "--metadata",
                             domain.name),
                 std::move(facts));
}

std::vector<model::Finding> run(CheckContext& context)
{
    const model::DomainFacts& domain = context.domain;
    const std::string subject = "VM " + domain.name;
    std::vector<model::Finding> findings;
    findings.push_back(judge_snapshots(domain, subject));
    findings.push_back(
        domain.checkpoints == 0
            ? ok(k_checkpoints, subject, "no checkpoints")
            : error(k_checkpoints, subject,
                    fmt::format("{} checkpoints would stay behind and break incremental backups", domain.checkpoints),
                    fmt::format("virsh checkpoint-list {}; virsh checkpoint-delete {} NAME", domain.name, domain.name),
                    {{"checkpoints", domain.checkpoints}}));
    findings.push_back(domain.managed_save
                           ? error(k_managed_save, subject, "an old managed save image would stay behind",
                                   fmt::format("virsh managedsave-remove {}", domain.name))
                           : ok(k_managed_save, subject, "no managed save image"));
    return findings;
}

}  // namespace

VMF_REGISTER_CHECK(vm_records, k_topics, run);

}  // namespace vmferry::checks
