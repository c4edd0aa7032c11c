// Recovery of a storage-move of a VM that is off: settle() for a plan that moves disks without a guest.

#pragma once

#include <optional>
#include <vector>

#include "core/engine/offline_recovery.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::engine {

struct OfflineDiagnosis {
    OfflineSituation situation;
    const OfflineRow* row = nullptr;
    model::Observation vm;
    std::vector<world::DiskState> states;
};
/// Looks twice; two looks must agree.
[[nodiscard]] Result<OfflineDiagnosis> diagnose_offline(Context& context);
/// Waiting may help: the host may come back.
[[nodiscard]] bool worth_waiting(const OfflineSituation& is);
/// For the journal.
[[nodiscard]] Json diagnosis_json(const OfflineDiagnosis& seen);

/// All disks of the definition at once, to their new images or back to the old ones, and read again.
[[nodiscard]] Result<> define_images(Context& context, bool forward);

[[nodiscard]] Outcome settle_offline(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause);

}  // namespace vmferry::engine
