#include "plugins/guestfs/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "plugins/guestfs/health.hpp"
#include "plugins/guestfs/tables.hpp"

namespace vmferry::guestfs {

namespace {

using model::FileSystem;
using model::ImageContents;

/// No honest VM has more; a hostile one could keep us busy.
constexpr size_t k_file_systems_max = 256;
constexpr size_t k_systems_max = 16;
constexpr int k_beginning_bytes = 1024 * 1024;

/// Types of partitions that hold no file system: BIOS boot, Microsoft reserved, and the extended ones of MBR.
constexpr std::array<std::string_view, 5> k_without_file_system{
    "21686148-6449-6E6F-744E-656564454649", "E3C9E316-0B5C-4DB8-817D-F92DF00215AE", "0x05", "0x0f", "0x85"};
/// Those that hold one: Linux and Windows data.
constexpr std::array<std::string_view, 4> k_with_file_system{"0FC63DAF-8483-4772-8E79-3D69D8477DE4",
                                                             "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "0x83", "0x07"};

constexpr std::array<std::string_view, 2> k_encrypted{"crypto_LUKS", "BitLocker"};

bool is_among(const auto& list, std::string_view text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// True when it begins with nothing but zeros; false also when it cannot be read.
bool begins_with_zeros(guestfs_h* handle, const std::string& device)
{
    size_t length = 0;
    char* bytes = guestfs_pread_device(handle, device.c_str(), k_beginning_bytes, 0, &length);
    const bool zeros = bytes != nullptr && std::all_of(bytes, bytes + length, [](char one) { return one == 0; });
    ::free(bytes);
    return zeros;
}

/// The type of the partition that is called so; empty for what is none.
std::string partition_type(const model::Inspection& inspection, const std::string& name)
{
    for (const ImageContents& image : inspection.images) {
        for (const model::Partition& one : image.partitions) {
            if (image.disk + std::to_string(one.number) == name) {
                return one.type;
            }
        }
    }
    return {};
}

/// What can be said where nothing is known to stand.
void judge_unknown(const Appliance& appliance, const std::string& device, std::string_view type, FileSystem& system)
{
    if (begins_with_zeros(appliance.handle(), device)) {
        system.detail = "nothing was ever written to its beginning";
    } else if (is_among(k_with_file_system, type)) {
        system.health = FileSystem::Health::damaged;
        system.detail = "no file system is found, although the partition's type promises one";
    } else {
        system.detail = "nothing that is known is found on it";
    }
}

FileSystem describe(const Appliance& appliance, const std::string& device, const std::string& type)
{
    guestfs_h* handle = appliance.handle();
    FileSystem system;
    system.device = appliance.name_of(device);
    system.type = type;
    system.size_bytes = static_cast<uint64_t>(std::max<int64_t>(0, guestfs_blockdev_getsize64(handle, device.c_str())));
    if (type != "unknown") {
        system.label = take_text(guestfs_vfs_label(handle, device.c_str()));
        system.uuid = take_text(guestfs_vfs_uuid(handle, device.c_str()));
    }
    return system;
}

/// Sets `blank` where a whole disk holds nothing, which is no file system to speak of.
bool is_blank_disk(const Appliance& appliance, const std::string& device, const std::string& name, Answer& answer)
{
    const auto change_disk = [&](auto change) {
        answer.change([&](model::Inspection& inspection) {
            for (ImageContents& image : inspection.images) {
                if (image.disk == name && image.table.empty()) {
                    change(image);
                }
            }
        });
    };
    bool blank = false;
    change_disk([&](ImageContents& /*image*/) { blank = true; });
    // Not under the lock: the answer may have to be given meanwhile.
    blank = blank && begins_with_zeros(appliance.handle(), device);
    change_disk([&](ImageContents& image) { image.blank = blank; });
    return blank;
}

void look_at_file_system(const Appliance& appliance, const std::string& device, const std::string& type, Answer& answer)
{
    FileSystem system = describe(appliance, device, type);
    answer.doing("checking " + system.device);
    if (type == "unknown") {
        std::string partition;
        answer.change([&](model::Inspection& inspection) { partition = partition_type(inspection, system.device); });
        if (is_among(k_without_file_system, partition) || is_blank_disk(appliance, device, system.device, answer)) {
            return;
        }
        judge_unknown(appliance, device, partition, system);
    } else {
        check_health(appliance, device, system);
    }
    if (!appliance.alive()) {
        system.health = FileSystem::Health::damaged;
        system.detail = "the appliance's kernel or emulator did not survive it";
    }
    answer.change([&](model::Inspection& inspection) { inspection.file_systems.push_back(system); });
}

/// Device and type. What is encrypted is no file system to libguestfs, which would leave it out.
std::map<std::string, std::string> file_systems_of(guestfs_h* handle)
{
    std::map<std::string, std::string> found;
    // Device, type, device, type...
    const std::vector<std::string> words = take_list(guestfs_list_filesystems(handle));
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
        // "btrfsvol:/dev/sda1/home" is a part of what is listed beside it.
        if (words[i].starts_with("/dev/")) {
            found[words[i]] = words[i + 1];
        }
    }
    for (const auto& devices : {take_list(guestfs_list_devices(handle)), take_list(guestfs_list_partitions(handle)),
                                take_list(guestfs_lvs(handle))}) {
        for (const std::string& device : devices) {
            const std::string type = found.contains(device) ? "" : take_text(guestfs_vfs_type(handle, device.c_str()));
            if (is_among(k_encrypted, type)) {
                found[device] = type;
            }
        }
    }
    return found;
}

void look_at_file_systems(const Appliance& appliance, Answer& answer)
{
    answer.doing("looking for file systems");
    size_t count = 0;
    for (const auto& [device, type] : file_systems_of(appliance.handle())) {
        if (!appliance.alive()) {
            return;
        }
        if (count++ == k_file_systems_max) {
            answer.ended_early(fmt::format("there are more than {} file systems: it stopped", k_file_systems_max));
            return;
        }
        look_at_file_system(appliance, device, type, answer);
    }
}

std::string version_of(guestfs_h* handle, const char* root)
{
    const int major = guestfs_inspect_get_major_version(handle, root);
    const int minor = guestfs_inspect_get_minor_version(handle, root);
    return major > 0 ? fmt::format("{}.{}", major, std::max(minor, 0)) : std::string();
}

void look_at_systems(const Appliance& appliance, Answer& answer)
{
    guestfs_h* handle = appliance.handle();
    answer.doing("looking for operating systems");
    for (const std::string& root : take_list(guestfs_inspect_os(handle))) {
        const char* device = root.c_str();
        const model::OperatingSystem system{.root = appliance.name_of(root),
                                            .type = take_text(guestfs_inspect_get_type(handle, device)),
                                            .distribution = take_text(guestfs_inspect_get_distro(handle, device)),
                                            .product = take_text(guestfs_inspect_get_product_name(handle, device)),
                                            .version = version_of(handle, device),
                                            .architecture = take_text(guestfs_inspect_get_arch(handle, device)),
                                            .host_name = take_text(guestfs_inspect_get_hostname(handle, device))};
        answer.change([&](model::Inspection& inspection) {
            if (inspection.systems.size() < k_systems_max) {
                inspection.systems.push_back(system);
            }
        });
    }
}

}  // namespace

void look(const Appliance& appliance, Answer& answer)
{
    look_at_tables(appliance, answer);
    if (appliance.alive()) {
        const std::vector<std::string> groups = take_list(guestfs_vgs(appliance.handle()));
        answer.change([&](model::Inspection& inspection) { inspection.volume_groups = groups; });
        look_at_file_systems(appliance, answer);
    }
    if (appliance.alive()) {
        look_at_systems(appliance, answer);
    }
    if (!appliance.alive()) {
        answer.ended_early("the appliance ended");
    }
}

}  // namespace vmferry::guestfs
