#include <fmt/format.h>

#include <array>

#include "core/checks/disks.hpp"
#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 4> k_topics{{
    {"VMF-S016", "disks that several VMs use",
     "A shareable disk belongs to several VMs at once, so neither libvirt nor vmferry can tell from it "
     "where a VM runs, and its image is not locked. The move itself keeps the order of writes: the "
     "source has flushed and stopped before the target opens the disk. Make sure that the cluster "
     "software in the guests bears a pause of some hundred milliseconds (its heartbeat limits), or move "
     "the VM when it is passive."},
    {"VMF-S017", "no disk is transient",
     "A transient disk throws its writes away when the VM stops: they lie in a temporary overlay on the "
     "source that does not travel, and libvirt refuses the move. Stop the VM, or remove <transient/> "
     "from the disk (virsh edit) and restart it."},
    {"VMF-S018", "secrets of encrypted disks",
     "An encrypted disk is opened with a secret that libvirt keeps on each host. Whether the target has "
     "that secret with the same value is not visible from here. When it has not, the target refuses to "
     "open the disk and the move ends where it began. Compare on both hosts: virsh secret-list; define "
     "it on the target with virsh secret-define and virsh secret-set-value."},
    {"VMF-S020", "SCSI passthrough and persistent reservations",
     "A disk of device type 'lun' lets the guest send SCSI commands to the storage. Persistent "
     "reservations that it took belong to the path of the source host and do not move along; the guest "
     "may lose access until it takes them again. Ask the guest (sg_persist --in --read-reservation) and "
     "release them before the move."},
}};
constexpr const Topic& k_shareable = k_topics[0];
constexpr const Topic& k_transient = k_topics[1];
constexpr const Topic& k_encrypted = k_topics[2];
constexpr const Topic& k_lun = k_topics[3];

void judge(const CheckContext& context, const model::Disk& disk, std::vector<model::Finding>& findings)
{
    if (disk.transient) {
        findings.push_back(error(k_transient, subject_of(disk),
                                 "transient: its writes lie in an overlay that cannot travel",
                                 fmt::format("virsh edit {}: remove <transient/> from {}, then restart it",
                                             context.domain.name, disk.target)));
    }
    if (disk.shareable && !disk.read_only) {
        findings.push_back(warn(k_shareable, subject_of(disk), "shareable: other VMs may write it at the same time",
                                "make sure that the guests' cluster bears a short pause"));
    }
    if (disk.encrypted) {
        findings.push_back(
            warn(k_encrypted, subject_of(disk),
                 fmt::format("encrypted: not checked whether {} has the secret", context.target_facts.label),
                 fmt::format("on both hosts: virsh secret-list; on {}: virsh secret-define, "
                             "secret-set-value",
                             context.target_facts.label)));
    }
    if (disk.device == "lun") {
        findings.push_back(
            warn(k_lun, subject_of(disk), "SCSI passthrough: persistent reservations do not move along",
                 fmt::format("in the guest: sg_persist --in --read-reservation the device of {}", disk.target)));
    }
}

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    for (const model::Disk& disk : context.domain.disks) {
        judge(context, disk, findings);
    }
    return or_not_applicable(std::move(findings), k_transient, "disks",
                             "no transient, shareable, encrypted or passed-through disk");
}

}  // namespace

VMF_REGISTER_CHECK(disk_modes, k_topics, run);

}  // namespace vmferry::checks
