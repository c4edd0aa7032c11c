// What the entries of one transaction amount to, folded in their order. Both stores and the
// verification use this one function, so they cannot disagree.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "journal/store.hpp"

namespace vmferry::journal {

struct State {
    int64_t first_sequence = 0;
    int64_t last_sequence = 0;
    int64_t entries = 0;
    std::optional<Kind> last_kind;
    std::string outcome;          ///< Of the last END.
    std::set<std::string> debts;  ///< Objects with a DEBT that no SETTLED followed.
    bool aborting = false;        ///< ABORT_INTENT was written.
    int64_t changed_at_ms = 0;
    Worker worker;

    /// Takes the next entry into account.
    void add(Kind kind, const std::string& object, int64_t sequence, int64_t at_ms);

    [[nodiscard]] std::string debts_text() const;  ///< JSON array.
    [[nodiscard]] std::string digest(const Uuid& transaction) const;
    [[nodiscard]] TransactionRow to_row(const TransactionHead& head) const;
};

/// Whether `head` can begin a transaction. Kind `internal`.
[[nodiscard]] Result<> admit_begin(const TransactionHead& head);

/// Whether `drafts` may follow in a transaction of this state. Kind `internal` for what only a bug
/// can ask for; kind `journal` when another process has decided otherwise meanwhile.
[[nodiscard]] Result<> admit(const State& state, std::span<const Draft> drafts);

/// Whether this process may take the transaction over: not from a worker that provably lives.
/// Kind `busy`.
[[nodiscard]] Result<> admit_adoption(const Uuid& transaction, const Worker& old, const Worker& self);

/// Chooses the one transaction that `id_or_prefix` names; kinds `not_found` and `usage`.
[[nodiscard]] Result<TransactionRow> choose(const std::vector<TransactionRow>& rows, std::string_view id_or_prefix);

/// Kind `not_found`.
[[nodiscard]] Error no_such_transaction(std::string_view id_or_prefix);

}  // namespace vmferry::journal
