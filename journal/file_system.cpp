#include "journal/file_system.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace vmferry::journal {

namespace {

constexpr uint64_t k_overlay_magic = 0x794c7630;

struct Known {
    uint64_t magic;
    Keeping keeping;
    const char* name;
};

/// Numbers from statfs(2) and linux/magic.h. Cluster file systems on shared block devices (GFS2, OCFS2)
/// are not here: their locks and syncs are those of a local disk. FUSE is: it may be sshfs as well as
/// virtiofs, and cannot be told apart.
constexpr std::array<Known, 17> k_known{{
    {0x01021994, Keeping::volatile_, "tmpfs"},
    {0x858458f6, Keeping::volatile_, "ramfs"},
    {0x6969, Keeping::remote, "NFS"},
    {0x517b, Keeping::remote, "SMB"},
    {0xfe534d42, Keeping::remote, "SMB"},
    {0xff534d42, Keeping::remote, "CIFS"},
    {0x5346414f, Keeping::remote, "AFS"},
    {0x6b414653, Keeping::remote, "AFS"},
    {0x00c36400, Keeping::remote, "Ceph"},
    {0x73757245, Keeping::remote, "Coda"},
    {0x564c, Keeping::remote, "NCP"},
    {0x01021997, Keeping::remote, "9p"},
    {0x65735546, Keeping::remote, "FUSE"},
    {0x0bd00bd0, Keeping::remote, "Lustre"},
    {0x47504653, Keeping::remote, "GPFS"},
    {0xaad7aaea, Keeping::remote, "PanFS"},
    {0x19830326, Keeping::remote, "BeeGFS"},
}};

Error refuse(std::string what, std::string next)
{
    return Error(ErrorKind::journal, std::move(what)).with_next(std::move(next));
}

/// The super options of the mount that `path` is on, from /proc/self/mountinfo.
std::string mount_options_of(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};
    }
    const std::string device = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string id;
        std::string parent;
        std::string number;
        fields >> id >> parent >> number;
        if (number == device) {
            return line.substr(line.rfind(' ') + 1);
        }
    }
    return {};
}

}  // namespace

FileSystem classify(uint64_t magic)
{
    for (const Known& known : k_known) {
        if (known.magic == (magic & 0xffffffff)) {
            return {known.keeping, known.name};
        }
    }
    return {};
}

FileSystem classify_overlay(std::string_view options)
{
    std::istringstream list{std::string(options)};
    FileSystem system;
    for (std::string option; std::getline(list, option, ',');) {
        if (option == "volatile") {
            return {Keeping::volatile_, "volatile overlay"};
        }
        struct statfs upper = {};
        if (option.starts_with("upperdir=") && ::statfs(option.c_str() + 9, &upper) == 0) {
            system = classify(static_cast<uint64_t>(upper.f_type));
        }
    }
    return system;
}

Result<FileSystem> file_system_of(const std::string& path)
{
    struct statfs status = {};
    if (::statfs(path.c_str(), &status) != 0) {
        const int error = errno;
        return fail(refuse("the file system of " + path + " cannot be looked at", "ls -ld " + path)
                        .with_cause(std::strerror(error)));
    }
    const auto magic = static_cast<uint64_t>(status.f_type);
    return magic == k_overlay_magic ? classify_overlay(mount_options_of(path)) : classify(magic);
}

Result<> admit_file_system(const FileSystem& system, const std::string& path)
{
    const std::string where = "the journal cannot live at " + path + ": it is on " + system.name;
    if (system.keeping == Keeping::remote) {
        return fail(refuse(where + ", which does not keep locks and syncs as a local disk does",
                           "put it on a local disk: --journal FILE, or VMFERRY_JOURNAL=FILE"));
    }
    const char* allowed = std::getenv("VMFERRY_JOURNAL_VOLATILE");
    if (system.keeping == Keeping::volatile_ && (allowed == nullptr || std::strcmp(allowed, "1") != 0)) {
        return fail(refuse(where + ", which forgets everything with the power",
                           "put it on a disk: --journal FILE; or, if losing it is fine, set "
                           "VMFERRY_JOURNAL_VOLATILE=1"));
    }
    return {};
}

Result<> admit_free_room(const std::string& path)
{
    // A migration writes about 100 KiB, and each write needs as much again for a moment.
    constexpr uint64_t k_least_bytes = 1 << 20;
    struct statvfs status = {};
    if (::statvfs(path.c_str(), &status) != 0) {
        return {};  // The probe write will tell.
    }
    const uint64_t blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail;
    const bool no_inode = status.f_files != 0 && status.f_ffree == 0;
    if (blocks * status.f_frsize < k_least_bytes || no_inode) {
        std::string remedy = no_inode ? "make room on it: df -i " : "make room on it: df -h ";
        remedy += path;
        return fail(refuse(std::string("the file system of the journal is full: ") + path, remedy));
    }
    return {};
}

}  // namespace vmferry::journal
