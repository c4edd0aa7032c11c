// One host as the engine sees it: narrow interfaces over one observer connection.
//
// - Every call has a limit. A call whose effect is not known returns kind `unknown` (an act) or
//   `unreachable` (a question): observe, never guess.
// - Domains are addressed by UUID; nothing of the library's handles is kept between calls.
// - Functions may be called from any thread.
// - Acts say what they do when there is nothing to do, because undo may run twice.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/model/before_image.hpp"
#include "core/model/domain.hpp"
#include "core/model/host.hpp"
#include "core/model/marker.hpp"
#include "core/model/observation.hpp"
#include "core/model/storage_move.hpp"
#include "core/world/disks.hpp"
#include "core/world/images.hpp"
#include "core/world/progress.hpp"
#include "core/world/records.hpp"

namespace vmferry::world {

/// Questions about domains. None of them changes anything.
class Inspector {
public:
    virtual ~Inspector() = default;

    /// By name first, then by UUID. Kind `not_found`.
    [[nodiscard]] virtual Result<Uuid> find(const std::string& name_or_uuid) = 0;
    [[nodiscard]] virtual Result<model::DomainFacts> describe(const Uuid& uuid) = 0;
    /// Never fails: a host that gives no answer within `limit` is an observation too. Never sends
    /// QMP, so it is safe on an incoming domain and does not wait for a job.
    [[nodiscard]] virtual model::Observation observe(const Uuid& uuid, Milliseconds limit) = 0;
    [[nodiscard]] virtual Result<model::BeforeImage> before_image(const Uuid& uuid) = 0;
    /// The live definition (the inactive one of a VM that is off) as it is here, and as a target gets it
    /// with that marker and those images. Written alike, and without secrets: for people to compare.
    struct Definitions {
        std::string here;
        std::string sent;
    };
    [[nodiscard]] virtual Result<Definitions> definitions(const Uuid& uuid, const model::Marker& target_marker,
                                                          const std::vector<model::DiskMove>& copies) = 0;
    /// QEMU's own run state ("running", "paused", "postmigrate"). Taints the domain
    /// (custom-monitor), so it is asked only about a VM that its user had paused. Never of an
    /// incoming domain.
    [[nodiscard]] virtual Result<std::string> emulator_status(const Uuid& uuid) = 0;
    /// Image files of an active VM that do not belong to the user its emulator runs as, although its
    /// daemon gave them to it: another daemon that ended a copy has taken them back. Empty where
    /// libvirt leaves owners alone.
    [[nodiscard]] virtual Result<std::vector<std::string>> estranged_images(const Uuid& uuid) = 0;
    /// Of the outgoing migration of a domain, whoever asked for it; an error when there is none. Waits for the
    /// emulator: not inside a switch.
    [[nodiscard]] virtual Result<MigrationProgress> progress(const Uuid& uuid) = 0;
    /// UUID, name and MAC addresses of each domain defined or running here.
    struct Resident {
        Uuid uuid;
        std::string name;
        bool active = false;
        std::vector<std::string> macs;
        std::optional<model::Marker> marker;
    };
    [[nodiscard]] virtual Result<std::vector<Resident>> residents() = 0;
};

/// What undefine may take with it.
struct UndefineOptions {
    bool keep_nvram = true;
    bool keep_tpm = true;
    bool snapshot_records = false;  ///< Of a VM whose records are on the other host, too. Else they keep it defined.
};

/// Acts on domains. Their error kinds: `failed` (it did not happen), `unknown` (no answer).
class Controller {
public:
    virtual ~Controller() = default;

    /// Ok when it runs already.
    [[nodiscard]] virtual Result<> resume(const Uuid& uuid) = 0;
    /// Ok when it is paused already.
    [[nodiscard]] virtual Result<> suspend(const Uuid& uuid) = 0;
    /// Ends the running instance and waits until it is gone. Ok when it is off or absent.
    [[nodiscard]] virtual Result<> destroy(const Uuid& uuid) = 0;
    /// Removes the definition of a domain that is off. Ok when it is not defined.
    [[nodiscard]] virtual Result<> undefine(const Uuid& uuid, UndefineOptions options) = 0;
    [[nodiscard]] virtual Result<> set_autostart(const Uuid& uuid, bool on) = 0;
    /// In the live and, when there is one, the inactive definition. Blocks while a job is active.
    [[nodiscard]] virtual Result<> set_marker(const Uuid& uuid, const model::Marker& marker) = 0;
    /// Ok when there is none.
    [[nodiscard]] virtual Result<> clear_marker(const Uuid& uuid) = 0;
    [[nodiscard]] virtual Result<> set_max_downtime(const Uuid& uuid, Milliseconds downtime) = 0;
    /// The speed limit that migrations of the VM have where they name no other.
    [[nodiscard]] virtual Result<> set_max_bandwidth(const Uuid& uuid, uint64_t limit_mib_s) = 0;
    /// Asks for the end of the migration job; ok when there is none. It may still run when this
    /// returns: observe. Kind `busy`: another kind of job works on the domain, and is left alone.
    [[nodiscard]] virtual Result<> abort_job(const Uuid& uuid) = 0;
    /// Switches the outgoing migration to post-copy as soon as the emulator can; ok says that it was asked to. Only
    /// where its call allowed it.
    [[nodiscard]] virtual Result<> start_postcopy(const Uuid& uuid) = 0;
    /// Breaks the stream of a post-copy at the source, so that it can be resumed: an emulator behind a dead link
    /// notices nothing for many minutes. Never ends the move. Refused when it is broken already.
    [[nodiscard]] virtual Result<> break_postcopy(const Uuid& uuid) = 0;
    /// QEMU's announce-self: RARP from each interface, `rounds` times. Taints the domain.
    [[nodiscard]] virtual Result<> announce(const Uuid& uuid, int rounds) = 0;
    /// Opens the disk images of a domain that arrived paused, without running one guest
    /// instruction (read-only NBD export of each node and its removal): QEMU 7.2 aborts when such a
    /// domain is migrated again with its images still inactive.
    [[nodiscard]] virtual Result<> activate_images(const Uuid& uuid) = 0;
    /// Gives an image file to the user the VM's emulator runs as, as its daemon did when it started it.
    /// Ok when it is theirs already.
    [[nodiscard]] virtual Result<> give_image(const Uuid& uuid, const std::string& path) = 0;
};

/// A nonce volume: proof that a directory is the same one on two hosts.
struct ProbeVolume {
    std::string directory;
    std::string name;  ///< File name; chosen while planning.
    std::string pool;  ///< Name of the transient pool to use where none covers the directory.
};

/// Files of a host, through its storage pools.
class Datastore {
public:
    virtual ~Datastore() = default;

    /// Creates the volume with `content`; kind `failed` when one of that name exists. A transient
    /// pool made for it stays until remove_probe.
    [[nodiscard]] virtual Result<> create_probe(const ProbeVolume& probe, const std::string& content) = 0;
    /// Its content, or nullopt when the host has no such file.
    [[nodiscard]] virtual Result<std::optional<std::string>> read_probe(const ProbeVolume& probe) = 0;
    /// Removes volume (when `delete_volume`) and transient pool; ok when they are gone.
    [[nodiscard]] virtual Result<> remove_probe(const ProbeVolume& probe, bool delete_volume) = 0;
    /// True when the host has a file of that path (through a pool that covers its directory).
    [[nodiscard]] virtual Result<bool> file_exists(const std::string& path) = 0;
    /// Removes a file by path through the pool that covers its directory; ok when it is gone.
    [[nodiscard]] virtual Result<> remove_file(const std::string& path) = 0;
    /// A stable identity of a block device (WWN or serial), empty when the host knows none; kind
    /// `not_found` when there is no such device.
    [[nodiscard]] virtual Result<std::string> block_identity(const std::string& path) = 0;
};

/// Questions that prechecks ask about a host.
class Capabilities {
public:
    virtual ~Capabilities() = default;

    [[nodiscard]] virtual Result<model::HostFacts> facts() = 0;
    struct CpuVerdict {
        bool compatible = false;
        std::string detail;
    };
    [[nodiscard]] virtual Result<CpuVerdict> compare_cpu(const model::DomainFacts& domain) = 0;
    struct MachineVerdict {
        bool emulator = false;  ///< The emulator exists and answers for this architecture.
        bool machine = false;
        bool firmware = true;  ///< The loader path is known, when one is asked for.
        unsigned vcpus_max = 0;
        std::string detail;
    };
    [[nodiscard]] virtual Result<MachineVerdict> supports_machine(const model::DomainFacts& domain) = 0;
    enum class Presence { active, inactive, absent, not_checkable };
    [[nodiscard]] virtual Result<Presence> network(const std::string& name) = 0;
    [[nodiscard]] virtual Result<Presence> bridge(const std::string& name) = 0;
    [[nodiscard]] virtual Result<Presence> network_filter(const std::string& name) = 0;
    /// Free pages of that size, over all NUMA nodes.
    [[nodiscard]] virtual Result<uint64_t> free_huge_pages(uint64_t page_size_bytes) = 0;
    /// Starts a paused twin without devices that could disturb (no network, no shared disk written)
    /// whose one disk is at tcp host:port as NBD, read-only, and tells from the refusal whether this
    /// host can resolve and reach the name. Nothing remains. `resolved` false: it cannot.
    struct Reach {
        bool resolved = false;
        std::string detail;
    };
    [[nodiscard]] virtual Result<Reach> resolve_from_here(const std::string& host) = 0;
};

/// An open connection to one host.
class Host {
public:
    virtual ~Host() = default;

    [[nodiscard]] virtual const model::HostAddress& address() const = 0;
    /// False once the connection was lost; a lost Host stays lost: open another.
    [[nodiscard]] virtual bool alive() const = 0;
    [[nodiscard]] virtual Inspector& inspect() = 0;
    [[nodiscard]] virtual Controller& control() = 0;
    [[nodiscard]] virtual Datastore& datastore() = 0;
    [[nodiscard]] virtual Capabilities& capabilities() = 0;
    /// Null where the images of disks cannot be worked on.
    [[nodiscard]] virtual Disks* disks() { return nullptr; }
    /// Null where the content of images can be neither read nor written.
    [[nodiscard]] virtual Images* images() { return nullptr; }
    /// Null where definitions cannot be taken along.
    [[nodiscard]] virtual Records* records() { return nullptr; }
};

}  // namespace vmferry::world
