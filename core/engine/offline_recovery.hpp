// Recovery of a storage-move of a VM that is off, as data: which act settles it, given the last decisive entry, the VM,
// the images that it uses or is defined with, and which of them were written to since they were copied. The counterpart
// of storage_recovery.hpp, where the guest runs; RECOVERY.md tells it with its reasons,
// tests/unit/core/engine/offline_recovery_test enumerates every combination.

#pragma once

#include <span>
#include <string_view>

#include "core/engine/cold_recovery.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

enum class OfflineAction {
    back,     ///< The definition names the old images again, and the new ones go; compared.
    started,  ///< The same, but somebody has started the VM on its old images, and so it stays.
    forward,  ///< COMMIT if it is missing; the old images go.
    doubt,    ///< Change nothing; say why.
};

[[nodiscard]] std::string_view to_string(OfflineAction action);

struct OfflineSituation {
    Stage stage{};      ///< `intent` is PIVOT_INTENT here; `commit`: the definition names the new images.
    ColdSourceIs vm{};  ///< What its host knows of it.
    DisksAre disks{};   ///< Of a VM that runs the live ones.
    UsedSince used{};

    bool operator==(const OfflineSituation&) const = default;
};

/// One row: it applies when each of the situation's facts is in its set.
struct OfflineRow {
    std::string_view name;
    unsigned stages;
    unsigned vms;
    unsigned disks;
    unsigned used;
    OfflineAction action;
    std::string_view reason;
};

[[nodiscard]] std::span<const OfflineRow> offline_table();
/// The one row that applies.
[[nodiscard]] const OfflineRow& decide(const OfflineSituation& situation);

}  // namespace vmferry::engine
