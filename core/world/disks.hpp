// Images under a VM's disks: what is in use, copying it while the guest runs, and the files themselves.
//
// Error kinds as in host.hpp. Disks are addressed by their target name ("vda"), images by path.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"

namespace vmferry::world {

/// The images of one disk.
struct DiskState {
    std::string target;
    std::string live;         ///< What the running instance uses; empty when it is off.
    std::string live_format;  ///< "raw", "qcow2".
    std::string inactive;     ///< What the next start would use; empty for a transient VM.
    std::string inactive_format;
    std::string copy;          ///< What a copy job fills; empty: there is none.
    bool copy_ready = false;   ///< All is copied, and what is written goes to both.
    bool copy_ending = false;  ///< Somebody has asked for its end, and it is not over yet.

    bool operator==(const DiskState&) const = default;
};

struct DiskSize {
    uint64_t capacity_bytes = 0;    ///< As the guest sees it.
    uint64_t allocation_bytes = 0;  ///< What the image takes on its datastore.
};

/// How far a copy job is; as long as the guest writes, both numbers grow.
struct CopyProgress {
    std::string target;
    uint64_t done_bytes = 0;
    uint64_t total_bytes = 0;
    uint64_t rate_bytes_per_s = 0;  ///< As seen between two looks; 0 at the first.
    bool ready = false;

    [[nodiscard]] uint64_t remaining_bytes() const { return total_bytes > done_bytes ? total_bytes - done_bytes : 0; }
};

struct CopyOrder {
    std::string target;
    std::string path;  ///< An existing image of the disk's size; what it holds is overwritten.
    std::string format;
    uint64_t bandwidth_bytes_per_s = 0;  ///< 0: no limit.
    bool synchronous = false;            ///< A write of the guest ends when it is in both images.
    bool shallow = false;                ///< Only what lies above the backing image, which both images name.
};

/// A directory in which images can be made.
struct Place {
    std::string directory;
    std::string pool;  ///< Of libvirt; empty where a path was asked for.
    uint64_t available_bytes = 0;
};

struct ImageOrder {
    std::string path;
    std::string owner;         ///< "uid:gid"; empty: the daemon's.
    std::string pool;          ///< Empty: the transient `working_pool` over the directory of `path`.
    std::string working_pool;  ///< Chosen while planning, so that it can be ended when we die.
    std::string format;
    std::string mode;     ///< Octal.
    std::string backing;  ///< Path of its backing image; empty: none.
    std::string backing_format;
    uint64_t capacity_bytes = 0;
};

/// Whose a file is and who may use it; empty where the host does not tell.
struct FileAccess {
    std::string owner;  ///< "uid:gid".
    std::string mode;   ///< Octal.
};

class Disks {
public:
    virtual ~Disks() = default;

    /// All disks that have a medium. Waits for no job.
    [[nodiscard]] virtual Result<std::vector<DiskState>> states(const Uuid& uuid) = 0;
    [[nodiscard]] virtual Result<DiskSize> size(const Uuid& uuid, const std::string& target) = 0;

    /// Starts a job that copies the disk while the guest runs: its whole chain, or what the order says. It ends with
    /// the instance.
    [[nodiscard]] virtual Result<> start_copy(const Uuid& uuid, const CopyOrder& order) = 0;
    /// Kind `not_found` when the disk has no job. Waits until the daemon has done with events of the VM's jobs.
    [[nodiscard]] virtual Result<CopyProgress> copy_progress(const Uuid& uuid, const std::string& target) = 0;
    /// Takes the limit off a running copy.
    [[nodiscard]] virtual Result<> unlimit_copy(const Uuid& uuid, const std::string& target) = 0;
    /// Asks for the end of a ready copy by using its image, and does not wait: it is over when copy_progress()
    /// finds no job, and what became of it states() tells. By then the daemon has written the definition, too.
    [[nodiscard]] virtual Result<> pivot(const Uuid& uuid, const std::string& target) = 0;
    /// Ends a copy; the disk stays where it is. Ok when there is none, or the VM is off.
    [[nodiscard]] virtual Result<> end_copy(const Uuid& uuid, const std::string& target) = 0;
    /// Ends the connections over which a migration copies these disks; the migration fails by that. Taints the
    /// domain. An error when none is copied.
    [[nodiscard]] virtual Result<> break_copies(const Uuid& /*uuid*/, const std::vector<std::string>& /*targets*/)
    {
        return {};
    }
    /// What the next start uses. The running instance is not touched.
    [[nodiscard]] virtual Result<> set_inactive(const Uuid& uuid, const std::string& target, const std::string& path,
                                                const std::string& format) = 0;

    /// A directory by its path, or by the name of an active pool. Kind `not_found`; `blocked` for a pool
    /// that does not keep images as files.
    [[nodiscard]] virtual Result<Place> place(const std::string& name_or_directory) = 0;
    /// Makes an image of exactly that size without content of its own. Kind `failed` when there is a file of that path.
    [[nodiscard]] virtual Result<> create_image(const ImageOrder& order) = 0;
    [[nodiscard]] virtual Result<FileAccess> access(const std::string& /*path*/) { return FileAccess{}; }
    /// Removes a file, and ends the transient pool that was used to make it; ok when both are gone.
    [[nodiscard]] virtual Result<> delete_image(const std::string& path, const std::string& working_pool) = 0;
    /// Names of the domains of this host whose definition, live or not, names that path.
    [[nodiscard]] virtual Result<std::vector<std::string>> users_of(const std::string& path) = 0;
};

}  // namespace vmferry::world
