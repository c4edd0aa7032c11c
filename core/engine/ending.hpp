// How a transaction ends: by its END entry, or without one when nothing can be decided.

#pragma once

#include <optional>
#include <span>

#include "core/engine/phase.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// Writes END with the error, the differences and the outcome `kind`, which it returns. An END that the journal
/// does not take is a debt: the transaction stays open, and the VM's next move is refused until it is closed.
Outcome end_as(Context& context, OutcomeKind kind);
/// The entry itself; false when the journal did not take it, which is then among the debts.
bool write_end(Context& context, OutcomeKind kind, Json body);

/// Keeps what made a run fail, and the operator's signal.
void remember_cause(Context& context, std::optional<Error> cause);

/// Compares the VM at the source with its before image and ends as rolled back, or as not equal. `clean`: all that
/// was made is gone. nullopt: it cannot be compared just now; look again.
[[nodiscard]] std::optional<Outcome> end_compared(Context& context, std::span<const Phase> phases, bool clean);

/// Writes nothing: the transaction stays open. Says why, and which commands settle it.
Outcome end_in_doubt(Context& context, const RecoveryRow& row);

/// Nothing can be decided, since the journal cannot be read.
Outcome end_unread(Context& context, const Error& error);

/// Writes only a NOTE: the hosts know more than this journal (`why`), which must not be acted on.
Outcome end_as_old_journal(Context& context, const std::string& why);

}  // namespace vmferry::engine
