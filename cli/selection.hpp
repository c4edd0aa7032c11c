// Which transactions of the journal are meant: by id, by VM, or all that are not settled.

#pragma once

#include <string>
#include <vector>

#include "journal/store.hpp"

namespace vmferry::cli {

/// Not ended, or something is still owed. Oldest first.
[[nodiscard]] std::vector<journal::TransactionRow> unsettled(const std::vector<journal::TransactionRow>& rows);

/// Ended, and nothing is owed.
[[nodiscard]] bool is_settled(const journal::TransactionRow& row);
/// Settled, and the VM is at the target: the way back is a move of its own.
[[nodiscard]] bool needs_move_back(const journal::TransactionRow& row);

/// Those of the VM (name or UUID) that are unsettled; when there is none, its last that moved it. Kind
/// `not_found` when the journal knows no transaction of it.
[[nodiscard]] Result<std::vector<journal::TransactionRow>> of_vm(journal::Store& store, const std::string& vm);

/// One by id or unique prefix. Kind `not_found`, or `usage` when several begin so.
[[nodiscard]] Result<journal::TransactionRow> by_id(journal::Store& store, const std::string& id);

/// By id first, then by VM.
[[nodiscard]] Result<std::vector<journal::TransactionRow>> by_id_or_vm(journal::Store& store, const std::string& word);

/// What undoing a committed one would do: "web1 back from kvm2 to kvm1".
[[nodiscard]] std::string words_of_way_back(const journal::TransactionHead& head);

}  // namespace vmferry::cli
