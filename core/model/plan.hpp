// The plan: immutable answer to "what would happen". Every name and id that will be created is
// chosen here, so that an undo needs nothing but the plan and the journal.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/uuid.hpp"
#include "core/model/disk_copies.hpp"
#include "core/model/domain.hpp"
#include "core/model/host.hpp"
#include "core/model/marker.hpp"
#include "core/model/schedule.hpp"
#include "core/model/storage_move.hpp"

namespace vmferry::model {

/// How the moment of the switch is decided.
enum class SwitchMode {
    guarded,  ///< The reply of Finish is held: either copy can still be chosen, and the target starts at once.
    fence,    ///< We end the source's emulator where it stands; then the target starts. No way back from there on.
    wait,     ///< libvirt ends the source; then the target starts. Without the source there is no way back.
    native,   ///< libvirt starts the target in its Finish. When the reply of that is lost, both copies may run.
};
/// All of them, as words of the command line.
inline constexpr std::array k_switch_modes = {"guarded", "fence", "wait", "native"};

[[nodiscard]] std::string_view to_string(SwitchMode mode);
[[nodiscard]] std::optional<SwitchMode> parse_switch_mode(std::string_view text);

/// Limits of one move; every wait has a name.
struct Limits {
    Milliseconds transaction{
        std::chrono::minutes(30)};  ///< Until the memory has converged; then the schedule says what happens.
    Milliseconds no_progress{std::chrono::seconds(5)};  ///< The memory stream stands still: the link is cut.
    Milliseconds call{std::chrono::seconds(5)};         ///< One question to a daemon.
    Milliseconds finish{std::chrono::seconds(15)};      ///< Teardown of an emulator, and the end of the migrate call.
    Milliseconds settle{std::chrono::seconds(15)};      ///< Recovery waits this long for a host or a job.
    /// A post-copy that stands still is tried to be resumed for so long.
    Milliseconds reconnect{std::chrono::minutes(2)};
};

struct Plan {
    Uuid transaction;
    int64_t epoch = 0;
    std::string command;  ///< "migrate".
    Uuid vm_uuid;
    std::string vm_name;
    std::string source;  ///< Labels.
    std::string target;
    std::string source_uri;  ///< Redacted: for reports and for recovery on this machine.
    std::string target_uri;
    std::string migrate_uri;          ///< "tcp://host" or empty: libvirt's choice.
    bool tls = false;                 ///< The memory stream goes through TLS, or not at all.
    std::string tls_name;             ///< Name in the target's certificate; empty: the host of the memory stream.
    std::vector<std::string> probes;  ///< Addresses at which the VM must answer once it runs at the target.
    SwitchMode switch_mode = SwitchMode::guarded;
    bool peer_to_peer = false;  ///< The source's daemon drives the move; the reply of its Finish cannot be held.
    bool persistent = true;
    bool was_paused = false;  ///< Paused by its user: arrives paused.
    bool was_off = false;     ///< Shut off: its definition moves, and nothing is started.
    bool autostart = false;
    std::string nvram;             ///< NVRAM file of the definition, if any.
    uint64_t max_downtime_ms = 0;  ///< The VM's own migration settings, put back (or taken along) at the end.
    uint64_t max_bandwidth_mib_s = 0;
    Limits limits;
    Schedule schedule;
    StorageMove storage;  ///< Of a storage-move, where source and target are one host; else empty.
    DiskCopies copies;    ///< Of a move between hosts that do not share all disks.

    /// Disks move, the VM stays where it is.
    [[nodiscard]] bool moves_storage() const { return !storage.disks.empty(); }
    [[nodiscard]] Marker marker(Side role) const;
    /// A VM that its user had paused has nothing to gain from it: its memory converges by itself.
    [[nodiscard]] bool may_postcopy() const { return schedule.may_postcopy() && !was_paused; }
};

[[nodiscard]] Json to_json(const Plan& plan);
[[nodiscard]] Result<Plan> plan_from_json(const Json& json);
/// SHA-256 of the canonical JSON.
[[nodiscard]] std::string digest(const Plan& plan);

}  // namespace vmferry::model
