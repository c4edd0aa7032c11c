// What a host says about one domain at one moment. Facts only: what they mean is decided in
// core/engine/recovery.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/model/marker.hpp"

namespace vmferry::model {

/// libvirt's virDomainState, as far as it matters here.
enum class RunState { running, paused, shut_off, crashed, pm_suspended, shutting_down, unknown };

/// The reasons that decisions look at; everything else is `other`. Shut-off reasons are hints: a
/// restart of the daemon turns each of them into `unknown`.
enum class StateReason {
    other,
    unknown,
    user,       ///< paused: by a user, or complete incoming with PAUSED.
    migration,  ///< paused: incoming, or source standing for the switch.
    io_error,   ///< paused: a disk failed.
    postcopy,   ///< running or paused in post-copy.
    postcopy_failed,
    starting_up,
    migrated,   ///< shut off: ended by libvirt's Confirm. running: arrived by migration.
    shutdown,   ///< shut off: the guest did it (or its emulator was told to quit).
    destroyed,  ///< shut off: somebody destroyed it.
    crashed,
    failed,
};

[[nodiscard]] std::string_view to_string(RunState state);
[[nodiscard]] std::string_view to_string(StateReason reason);

struct Observation {
    bool reachable = false;  ///< False: the host gave no answer; nothing below means anything.
    bool exists = false;     ///< The host knows the UUID (running or only defined).
    bool persistent = false;
    RunState state = RunState::unknown;
    StateReason reason = StateReason::other;
    int id = -1;               ///< libvirt's id of the running instance; -1 when off.
    uint64_t cpu_time_ns = 0;  ///< Of the running instance.
    bool job_active = false;   ///< A migration (or other asynchronous) job of the domain.
    /// Off, and its daemon still has the statistics of a migration whose stream was complete. It tells them
    /// only when the job is over, and Confirm(cancelled), which alone lets a source run on, forgets them first.
    bool stream_completed = false;
    std::optional<Marker> live_marker;      ///< In the running instance's metadata.
    std::optional<Marker> inactive_marker;  ///< In the persistent definition's metadata.
    std::string problem;                    ///< Why the host was not reachable.

    [[nodiscard]] bool active() const { return exists && state != RunState::shut_off && state != RunState::crashed; }
    /// Of the running copy, else of the definition.
    [[nodiscard]] const std::optional<Marker>& marker() const { return active() ? live_marker : inactive_marker; }
    /// The same situation, for "observed twice, unchanged": processor time may move on.
    [[nodiscard]] bool same_situation(const Observation& other) const;
};

[[nodiscard]] Json to_json(const Observation& observation);
/// For people: "paused (migration), job active".
[[nodiscard]] std::string describe(const Observation& observation);

}  // namespace vmferry::model
