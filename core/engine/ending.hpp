// How a transaction ends: by its END entry, or without one when nothing can be decided.

#pragma once

#include "core/engine/context.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// Writes END with the error, the differences and the outcome `kind`, which it returns. An END that the journal
/// does not take is a debt: the transaction stays open, and the VM's next move is refused until it is closed.
Outcome end_as(Context& context, OutcomeKind kind);
/// The entry itself; false when the journal did not take it, which is then among the debts.
bool write_end(Context& context, OutcomeKind kind, Json body);

/// Writes nothing: the transaction stays open. Says why, and which commands settle it.
Outcome end_in_doubt(Context& context, const RecoveryRow& row);

}  // namespace vmferry::engine
