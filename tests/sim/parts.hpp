// What the simulated hosts are made of. Plain data: the rules are in libvirtd, flow and universe.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/result.hpp"
#include "core/model/before_image.hpp"
#include "core/model/marker.hpp"
#include "core/model/observation.hpp"

namespace vmferry::sim {

using model::RunState;
using model::Side;
using model::StateReason;

/// Virtual milliseconds.
using Ms = int64_t;
inline constexpr Ms k_forever = std::numeric_limits<Ms>::max() / 4;

[[nodiscard]] constexpr size_t index(Side side) { return side == Side::source ? 0 : 1; }

/// Who makes something happen.
enum class Cause {
    tool,     ///< A call of vmferry.
    libvirt,  ///< libvirt's own protocol, in the client or in a daemon.
    human,    ///< Another administrator.
    boot,     ///< Autostart.
};

/// The emulator's own run state.
enum class Qemu { running, paused, incoming, finishing, postmigrate, postcopy };

/// libvirt's asynchronous job, and how far it remembers to be.
enum class Job { none, begin, perform, performed, incoming, foreign };

/// The memory of a guest is described by the last disk write it knows of: every running copy writes, so a
/// copy whose number is not that of the disk is older than its disk, and must never run.
struct Instance {
    int id = 0;
    RunState state = RunState::running;
    StateReason reason = StateReason::other;
    Qemu qemu = Qemu::running;
    std::optional<model::Marker> marker;
    bool paused_by_user = false;  ///< Before the story.
    int content = 0;              ///< Of the live definition.
    uint64_t max_downtime_ms = 300;
    uint64_t max_bandwidth_mib_s = model::k_no_speed_limit_mib_s;
    bool limit_settled = false;          ///< The tool has set the speed limit, or has compared it at its end.
    bool settled_limit_is_lost = false;  ///< By a restart of the daemon after that: no longer the tool's.
    uint64_t instructions = 0;           ///< Executed by this copy on this host; its processor time.
    uint64_t memory = 0;
    bool loaded = true;           ///< False while the memory is incomplete.
    bool partial = false;         ///< In post-copy: the other host has the rest of the memory.
    bool fresh = false;           ///< Booted: knows nothing of what the original guest had in memory.
    bool has_run = false;         ///< Has executed an instruction on this host.
    bool images_active = true;    ///< Arrived paused and never ran: its images are still inactive.
    bool ran_before_job = false;  ///< libvirt's "pre-migration state".
    Job job = Job::none;
    int job_owner = 0;    ///< Connection whose end ends the outgoing job.
    int autodestroy = 0;  ///< Connection whose end ends this instance; 0: none.

    bool operator==(const Instance& other) const = default;
};

struct Definition {
    int content = 0;
    std::optional<model::Marker> marker;
    bool bolted = false;  ///< Nothing starts from it.

    bool operator==(const Definition& other) const = default;
};

/// The one VM of a story, as one host knows it.
struct Domain {
    std::optional<Definition> definition;
    std::optional<Instance> live;
    bool autostart = false;
    StateReason off_reason = StateReason::unknown;
    bool stream_completed = false;  ///< The daemon has the statistics of a completed migration.
    bool job_pending = false;       ///< It drives one, and tells no statistics before its end.

    bool operator==(const Domain& other) const = default;
    [[nodiscard]] bool exists() const { return definition || live; }
    [[nodiscard]] bool runs() const { return live && live->state == RunState::running; }
};

/// A post-copy: what the two emulators do without anybody's help, whichever call drives it.
struct Split {
    int stream = 0;  ///< Counts the streams; 0: there was none.
    int left = 0;    ///< Portions of memory still to be sent.
    bool source_broken = false;
    bool target_broken = false;
    bool let_run = false;                       ///< The target's guest was started by Finish.
    bool arrived = false;                       ///< All of it.
    std::function<void(Result<>)> finish = {};  ///< The call of Finish at the target's daemon waits for the end.
};

inline constexpr int k_template = 0;  ///< Content of an NVRAM file that libvirt made from the template.

/// One host: its daemon, its domain, its files.
struct Machine {
    bool power = true;
    bool daemon = true;
    Domain domain;
    int last_id = 0;
    std::map<std::string, int> files;  ///< Path and content, on this host alone.
    std::set<std::string> pools;       ///< Transient pools.

    bool operator==(const Machine& other) const = default;
};

}  // namespace vmferry::sim
