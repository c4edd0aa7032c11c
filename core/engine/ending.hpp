// How a transaction ends: by its END entry, or without one when nothing can be decided.

#pragma once

#include "core/engine/context.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// Writes END with the error, the differences and the outcome `kind`, which it returns.
Outcome end_as(Context& context, OutcomeKind kind);

/// Writes nothing: the transaction stays open. Says why, and which commands settle it.
Outcome end_in_doubt(Context& context, const RecoveryRow& row);

/// Writes only a NOTE: the hosts know more than this journal (`why`), which must not be acted on.
Outcome end_as_old_journal(Context& context, const std::string& why);

}  // namespace vmferry::engine
