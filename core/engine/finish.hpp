// What follows the switch: nothing here ever goes back. Used by the run and by recovery alike.

#pragma once

#include <vector>

#include "core/engine/phase.hpp"

namespace vmferry::engine {

enum class FinishScope {
    whole,          ///< The VM runs at the target: end the source, announce, verify, release.
    clean_up_only,  ///< It ran there and was stopped by others: start nothing, only clean up.
};

/// For debts of a move that has ended: `whole` while the VM stands at the target as it was moved, so that an
/// announcement that is owed is made and not only struck off.
[[nodiscard]] FinishScope scope_as_it_stands(Context& context);

/// RESUMED, durably, and the same in the target's marker; nothing where the journal has it already.
[[nodiscard]] Result<> note_resumed(Context& context);

/// RESUMED, the end of the source's copy, the phases after the switch, END. Steps that fail become
/// debts (committed-degraded). May run any number of times.
[[nodiscard]] Outcome finish(Context& context, const std::vector<Phase>& phases, FinishScope scope);

}  // namespace vmferry::engine
