#include "core/libvirt/before_image.hpp"

#include "core/libvirt/canonical_xml.hpp"
#include "core/libvirt/description.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/domain_xml.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// Owner and mode of a disk's file, where a pool of the host knows the file; else they stay empty. Asking
/// starts and refreshes nothing.
model::DiskFile disk_file_of(virConnectPtr connection, const model::Disk& disk)
{
    model::DiskFile file{disk.target, disk.source, {}, {}};
    if (disk.kind != model::DiskKind::file) {
        return file;
    }
    const VolumeHandle volume(virStorageVolLookupByPath(connection, disk.source.c_str()));
    const auto document = volume ? xml::Document::parse(take_string(virStorageVolGetXMLDesc(volume.get(), 0)))
                                 : fail(ErrorKind::failed, "");
    if (document) {
        const xml::Element permissions = document->root().child("target").child("permissions");
        file.mode = permissions.child("mode").text();
        const std::string owner = permissions.child("owner").text();
        file.owner = owner.empty() ? "" : owner + ":" + permissions.child("group").text();
    }
    return file;
}

Result<void> read_running(virDomainPtr domain, const std::vector<model::Disk>& disks, model::BeforeImage& image)
{
    VMF_TRY_ASSIGN(const std::string live, definition_of(domain, 0));
    VMF_TRY_ASSIGN(image.live_xml, canonical_xml(live, Definition::live));
    VMF_TRY_ASSIGN(image.block_jobs, block_jobs_of(domain, disks));
    unsigned long long downtime = 0;
    if (virDomainMigrateGetMaxDowntime(domain, &downtime, 0) == 0) {
        image.max_downtime_ms = downtime;
    }
    unsigned long bandwidth = 0;
    if (virDomainMigrateGetMaxSpeed(domain, &bandwidth, 0) == 0) {
        image.max_bandwidth_mib_s = bandwidth;
    }
    return {};
}

}  // namespace

Result<model::BeforeImage> before_image_now(virConnectPtr connection, const Uuid& uuid, const model::Observation& state)
{
    VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
    VMF_TRY_ASSIGN(const std::string definition, definition_of(domain.get(), 0));
    VMF_TRY_ASSIGN(const model::DomainFacts facts, read_domain(definition));
    model::BeforeImage image;
    image.state = state;
    if (state.id >= 0) {
        VMF_TRY(read_running(domain.get(), facts.disks, image));
    }
    if (state.persistent) {
        VMF_TRY_ASSIGN(const std::string inactive, definition_of(domain.get(), VIR_DOMAIN_XML_INACTIVE));
        VMF_TRY_ASSIGN(image.inactive_xml, canonical_xml(inactive, Definition::inactive));
        VMF_TRY_ASSIGN(image.autostart, autostart_of(domain.get()));
        VMF_TRY_ASSIGN(image.managed_save, managed_save_of(domain.get()));
    }
    VMF_TRY_ASSIGN(image.snapshots, snapshots_of(domain.get()));
    VMF_TRY_ASSIGN(image.checkpoints, checkpoints_of(domain.get()));
    for (const model::Disk& disk : facts.disks) {
        image.disk_files.push_back(disk_file_of(connection, disk));
    }
    return image;
}

}  // namespace vmferry::libvirt
