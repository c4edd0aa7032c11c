#include "core/libvirt/block_device.hpp"

#include <libvirt/virterror.h>

#include <vector>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// Volumes of logical, iSCSI and SCSI pools have a key that is not their path.
std::string volume_key(virConnectPtr connection, const std::string& path)
{
    const VolumeHandle volume(virStorageVolLookupByPath(connection, path.c_str()));
    const char* key = volume ? virStorageVolGetKey(volume.get()) : nullptr;
    return key == nullptr || key[0] == '/' ? "" : key;
}

/// Names that the kernel or udev gives to whole disks. Others (device mapper, LVM) are not listed by
/// every host, so nothing follows from their absence.
bool is_disk_name(const std::string& path)
{
    for (const char* prefix :
         {"/dev/sd", "/dev/vd", "/dev/xvd", "/dev/nvme", "/dev/disk/by-id/", "/dev/disk/by-path/"}) {
        if (path.starts_with(prefix)) {
            return true;
        }
    }
    return false;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::optional<std::string> identity_in(const std::string& device_xml, const std::string& path)
{
    const auto document = xml::Document::parse(device_xml);
    if (!document) {
        return std::nullopt;
    }
    bool is_it = document->text("/device/capability[@type='storage']/block") == path;
    std::string world_wide_name;
    for (const xml::Element& node : document->elements("/device/devnode")) {
        const std::string name = node.text();
        is_it = is_it || name == path;
        for (const char* prefix : {"wwn-", "nvme-eui.", "nvme-uuid."}) {
            if (world_wide_name.empty() && base_name(name).starts_with(prefix)) {
                world_wide_name = base_name(name);
            }
        }
    }
    if (!is_it) {
        return std::nullopt;
    }
    return world_wide_name.empty() ? document->text("/device/capability[@type='storage']/serial") : world_wide_name;
}

Result<std::string> block_identity_now(virConnectPtr connection, const std::string& path)
{
    if (std::string key = volume_key(connection, path); !key.empty()) {
        return key;
    }
    virNodeDevicePtr* list = nullptr;
    const int count = virConnectListAllNodeDevices(connection, &list, VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE);
    if (count < 0) {
        const Failure failure = Failure::last();
        if (failure.has_code(VIR_ERR_NO_SUPPORT)) {
            return std::string();
        }
        return fail(error_of(failure, "the host's disks cannot be listed"));
    }
    const std::vector<DeviceHandle> devices = take_list<DeviceHandle>(list, count);
    for (const DeviceHandle& device : devices) {
        const std::string text = take_string(virNodeDeviceGetXMLDesc(device.get(), 0));
        if (auto identity = identity_in(text, path)) {
            return *identity;
        }
    }
    if (!devices.empty() && is_disk_name(path)) {
        return fail(ErrorKind::not_found, "the host has no disk " + path);
    }
    return std::string();
}

}  // namespace vmferry::libvirt
