// Recovery of the move of a VM that is off: settle() for a plan without memory.

#pragma once

#include <optional>
#include <vector>

#include "core/engine/cold_recovery.hpp"
#include "core/engine/settle.hpp"

namespace vmferry::engine {

struct ColdDiagnosis {
    ColdSituation situation;
    const ColdRow* row = nullptr;
    model::Observation source;
    model::Observation target;
};
/// Looks twice; two looks must agree.
[[nodiscard]] Result<ColdDiagnosis> diagnose_cold(Context& context);
/// A host may come back, and what is owed there need not become a debt.
[[nodiscard]] bool worth_waiting(const ColdSituation& is);
/// For the journal.
[[nodiscard]] Json diagnosis_json(const ColdDiagnosis& seen);

[[nodiscard]] Outcome settle_cold(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause);

}  // namespace vmferry::engine
