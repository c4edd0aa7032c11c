// The exit code of a transaction, told again later by another process (`status --wait`).

#pragma once

#include <vector>

#include "core/engine/outcome.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// Puts the code into the journal where the outcome alone would give another one (130, 143, 75).
/// One that cannot be written is let go: the outcome stands.
void keep_exit_code(journal::Store& store, const Uuid& transaction, const engine::Outcome& outcome);

/// Of a transaction that has ended.
[[nodiscard]] engine::ExitCode recorded_exit_code(const journal::TransactionRow& row,
                                                  const std::vector<journal::Entry>& entries);

}  // namespace vmferry::cli
