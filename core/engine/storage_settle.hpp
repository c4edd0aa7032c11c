// Recovery of a storage-move: settle() for a plan that moves disks and not the VM.

#pragma once

#include <optional>
#include <vector>

#include "core/engine/settle.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

struct StorageDiagnosis {
    StorageSituation situation;
    const StorageRow* row = nullptr;
    model::Observation vm;
    std::vector<world::DiskState> states;
};
/// Looks twice; two looks must agree.
[[nodiscard]] Result<StorageDiagnosis> diagnose_storage(Context& context);

/// Waiting may help: the host may come back, the job may end.
[[nodiscard]] bool worth_waiting(const StorageDiagnosis& seen);
/// For the journal.
[[nodiscard]] Json diagnosis_json(const StorageDiagnosis& seen);

[[nodiscard]] Outcome settle_storage(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause);

}  // namespace vmferry::engine
