// Recovery of a storage-move as data: which act settles it, given the last decisive entry, the VM, and the
// images its disks use. The counterpart of recovery.hpp, where two hosts are looked at; RECOVERY.md tells it
// with its reasons, tests/unit/core/engine/storage_recovery_test enumerates every combination.

#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/engine/recovery.hpp"
#include "core/world/disks.hpp"

namespace vmferry::engine {

/// What the VM is, as far as a decision depends on it.
enum class VmIs : unsigned {
    unreachable,   ///< No answer.
    working,       ///< Another job (a save, a snapshot, a migration) works on it, one of its disks is just
                   ///< changing, or its emulator is just ending.
    runs,          ///< The same instance, running.
    held,          ///< The same instance, paused by a request: from PIVOT_INTENT on, ours.
    paused_other,  ///< The same instance, stopped by something else (a disk error).
    restarted,     ///< Another running instance: its disks are what the definition said, its copies are gone.
    off,           ///< Its disks are what the definition says.
    gone,          ///< The host does not know it any more.
};
inline constexpr unsigned k_vm_count = 8;

/// Which images the disks of the move use: of a running VM the live ones, else the definition's.
enum class DisksAre : unsigned {
    all_old,
    mixed,
    all_new,
    foreign,  ///< One is neither: somebody else has changed it. Or it could not be read.
};
inline constexpr unsigned k_disks_count = 4;

/// Of disks that still use their old images.
enum class CopiesAre : unsigned {
    ready,      ///< Each has a copy that is complete and followed each write until now. Also: there is no such disk.
    not_ready,  ///< One has none, or one that still copies.
};
inline constexpr unsigned k_copies_count = 2;

enum class StorageAction {
    wait,        ///< Another job works on the VM: look again.
    back,        ///< Let the guest run on if we had paused it, end the copies, undo the ledger.
    guest_off,   ///< The guest was stopped by others before anything was decided: clean up, say so.
    keep_both,   ///< The definition is right as it is; what it does not use is kept as a debt.
    pivot_rest,  ///< The guest stands and each copy is complete: change the remaining disks, too.
    copy_back,   ///< The guest runs on a mixture, which is right for it: copy what is on new images back.
    forward,     ///< COMMIT if it is missing, let the guest run if we had paused it, finish.
    doubt,       ///< Change nothing; say why.
};

[[nodiscard]] std::string_view to_string(VmIs vm);
[[nodiscard]] std::string_view to_string(DisksAre disks);
[[nodiscard]] std::string_view to_string(CopiesAre copies);
[[nodiscard]] std::string_view to_string(StorageAction action);

struct StorageSituation {
    Stage stage{};  ///< `intent` is PIVOT_INTENT here; `commit`: each disk uses its new image.
    VmIs vm{};
    DisksAre disks{};
    CopiesAre copies{};
};

/// One row: it applies when each of the situation's facts is in its set.
struct StorageRow {
    std::string_view name;
    unsigned stages;
    unsigned vms;
    unsigned disks;
    unsigned copies;
    StorageAction action;
    std::string_view reason;
};

[[nodiscard]] std::span<const StorageRow> storage_table();
/// The one row that applies.
[[nodiscard]] const StorageRow& decide(const StorageSituation& situation);

[[nodiscard]] VmIs classify_vm(const model::Observation& vm, const model::BeforeImage& before);
/// `states`: empty when they could not be read.
[[nodiscard]] DisksAre classify_disks(const std::vector<world::DiskState>& states, bool active,
                                      const model::StorageMove& move);
[[nodiscard]] CopiesAre classify_copies(const std::vector<world::DiskState>& states, const model::StorageMove& move);
/// A disk of the move has been asked to change, or its copy to end, and has not done so yet.
[[nodiscard]] bool is_just_changing(const std::vector<world::DiskState>& states, const model::StorageMove& move);
/// nullptr when the VM has no such disk.
[[nodiscard]] const world::DiskState* state_of(const std::vector<world::DiskState>& states, std::string_view target);

}  // namespace vmferry::engine
