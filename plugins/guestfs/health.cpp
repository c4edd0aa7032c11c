#include "plugins/guestfs/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vmferry::guestfs {

namespace {

using Health = model::FileSystem::Health;

struct Verdict {
    Health health = Health::not_checked;
    std::string detail;
};

Verdict verdict_of(const Appliance& appliance, bool good)
{
    return good ? Verdict{Health::whole, {}} : Verdict{Health::damaged, appliance.last_error()};
}

/// "Preen": what it repairs without asking is what each start of the guest would repair.
Verdict check_ext(const Appliance& appliance, const char* device)
{
    return verdict_of(appliance, guestfs_e2fsck(appliance.handle(), device, GUESTFS_E2FSCK_CORRECT, 1, -1) == 0);
}

Verdict check_xfs(const Appliance& appliance, const char* device)
{
    const int code = guestfs_xfs_repair(appliance.handle(), device, GUESTFS_XFS_REPAIR_NOMODIFY, 1, -1);
    return code > 0 ? Verdict{Health::damaged, "xfs_repair -n finds damage"} : verdict_of(appliance, code == 0);
}

Verdict check_btrfs(const Appliance& appliance, const char* device)
{
    return verdict_of(appliance, guestfs_btrfs_fsck(appliance.handle(), device, -1) == 0);
}

Verdict check_vfat(const Appliance& appliance, const char* device)
{
    constexpr int k_corrected = 1;
    const int code = guestfs_fsck(appliance.handle(), "vfat", device);
    return code > k_corrected ? Verdict{Health::damaged, fmt::format("fsck.vfat ends with code {}", code)}
                              : verdict_of(appliance, code >= 0);
}

Verdict check_ntfs(const Appliance& appliance, const char* device)
{
    return verdict_of(appliance, guestfs_ntfsfix(appliance.handle(), device, -1) == 0);
}

struct Checker {
    std::string_view type;
    const char* feature;  ///< Of the appliance; nullptr: it is always there.
    Verdict (*check)(const Appliance& appliance, const char* device);
};

constexpr std::array<Checker, 7> k_checkers{{{"ext2", nullptr, check_ext},
                                             {"ext3", nullptr, check_ext},
                                             {"ext4", nullptr, check_ext},
                                             {"xfs", "xfs", check_xfs},
                                             {"btrfs", "btrfs", check_btrfs},
                                             {"vfat", nullptr, check_vfat},
                                             {"ntfs", "ntfs3g", check_ntfs}}};

/// What holds no files, or not for us.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> k_no_files{
    {{"swap", "it is swap space"},
     {"crypto_LUKS", "it is encrypted, and was not opened"},
     {"BitLocker", "it is encrypted, and was not opened"},
     {"LVM2_member", "it is part of a volume group"},
     {"linux_raid_member", "it is part of a RAID"}}};

/// Also replays the journal of the file system, as a start of the guest would: its checker then finds it at rest.
bool mount(const Appliance& appliance, const char* device, model::FileSystem& system)
{
    guestfs_h* handle = appliance.handle();
    if (guestfs_mount_ro(handle, device, "/") != 0) {
        return false;
    }
    if (struct guestfs_statvfs* room = guestfs_statvfs(handle, "/"); room != nullptr) {
        if (room->bavail >= 0 && room->frsize > 0) {
            system.free_bytes = static_cast<uint64_t>(room->bavail) * static_cast<uint64_t>(room->frsize);
        }
        guestfs_free_statvfs(room);
    }
    return guestfs_umount_all(handle) == 0;
}

bool has_feature(const Appliance& appliance, const char* feature)
{
    std::string name = feature;
    std::array<char*, 2> names{name.data(), nullptr};
    return guestfs_feature_available(appliance.handle(), names.data()) == 1;
}

Verdict check(const Appliance& appliance, const char* device, const std::string& type)
{
    const auto checker =
        std::find_if(k_checkers.begin(), k_checkers.end(), [&](const Checker& one) { return one.type == type; });
    if (checker == k_checkers.end()) {
        return {Health::not_checked, "there is no checker for it here"};
    }
    if (checker->feature != nullptr && !has_feature(appliance, checker->feature)) {
        return {Health::not_checked, fmt::format("the appliance has no checker for {}", type)};
    }
    return checker->check(appliance, device);
}

}  // namespace

void check_health(const Appliance& appliance, const std::string& device, model::FileSystem& system)
{
    const auto no_files =
        std::find_if(k_no_files.begin(), k_no_files.end(), [&](const auto& one) { return one.first == system.type; });
    if (no_files != k_no_files.end()) {
        system.detail = no_files->second;
        return;
    }
    const bool mounted = mount(appliance, device.c_str(), system);
    const std::string complaint = mounted ? "" : appliance.last_error();
    if (!appliance.alive()) {
        return;
    }
    const Verdict verdict = check(appliance, device.c_str(), system.type);
    system.health = verdict.health;
    system.detail = verdict.detail;
    // A kernel that does not know this file system cannot mount it, which is no damage: only the checker says so.
    if (!mounted && verdict.health != Health::damaged) {
        system.health = Health::not_checked;
        system.detail = "it could not be mounted here: " + complaint;
    }
}

}  // namespace vmferry::guestfs
