#include "journal/state.hpp"

#include <algorithm>
#include <cctype>

#include "journal/chain.hpp"

namespace vmferry::journal {

void State::add(Kind kind, const std::string& object, int64_t sequence, int64_t at_ms)
{
    if (entries == 0) {
        first_sequence = sequence;
    }
    ++entries;
    last_sequence = sequence;
    last_kind = kind;
    changed_at_ms = at_ms;
    switch (kind) {
    case Kind::end: outcome = object; break;
    case Kind::debt: debts.insert(object); break;
    case Kind::settled: debts.erase(object); break;
    case Kind::abort_intent: aborting = true; break;
    default: break;
    }
}

std::string State::debts_text() const { return dump_json(Json(debts)); }

std::string State::digest(const Uuid& transaction) const
{
    return Netstrings()
        .add("vmferry.state.1")
        .add(transaction.str())
        .add(first_sequence)
        .add(last_sequence)
        .add(entries)
        .add(last_kind ? to_string(*last_kind) : std::string_view())
        .add(outcome)
        .add(debts_text())
        .add(aborting ? 1 : 0)
        .add(changed_at_ms)
        .add(worker.machine)
        .add(worker.boot_id)
        .add(worker.pid)
        .add(worker.start_ticks)
        .digest();
}

TransactionRow State::to_row(const TransactionHead& head) const
{
    return {head, worker, last_kind, outcome, changed_at_ms, static_cast<int>(debts.size())};
}

Result<> admit_begin(const TransactionHead& head)
{
    if (head.id.empty()) {
        return fail(ErrorKind::internal, "a transaction needs an id");
    }
    return {};
}

Result<> admit(const State& state, std::span<const Draft> drafts)
{
    bool aborting = state.aborting;
    for (const Draft& draft : drafts) {
        if (draft.kind == Kind::begin) {
            return fail(ErrorKind::internal, "a transaction has one BEGIN, and begin() writes it");
        }
        aborting = aborting || draft.kind == Kind::abort_intent;
        if (draft.kind == Kind::commit && aborting) {
            return fail(Error(ErrorKind::journal, "COMMIT is forbidden: the journal holds an ABORT_INTENT")
                            .with_next("vmferry rollback settles the transaction"));
        }
    }
    return {};
}

Result<> admit_adoption(const Uuid& transaction, const Worker& old, const Worker& self)
{
    const bool is_self = old.pid == self.pid && old.start_ticks == self.start_ticks && old.boot_id == self.boot_id;
    if (!is_self && old.is_alive().value_or(false)) {
        return fail(Error(ErrorKind::busy, "transaction " + transaction.str() + " is being worked on by process " +
                                               std::to_string(old.pid))
                        .with_next("wait for it, or end it: kill -INT " + std::to_string(old.pid)));
    }
    return {};
}

Error no_such_transaction(std::string_view id_or_prefix)
{
    return Error(ErrorKind::not_found, "the journal has no transaction '" + std::string(id_or_prefix) + "'")
        .with_next("vmferry status lists the transactions");
}

Result<TransactionRow> choose(const std::vector<TransactionRow>& rows, std::string_view id_or_prefix)
{
    constexpr size_t k_shortest_prefix = 4;
    std::string prefix(id_or_prefix);
    std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (prefix.size() < k_shortest_prefix) {
        return fail(ErrorKind::usage,
                    "'" + prefix + "' is too short: give at least four characters of the transaction's id");
    }
    const TransactionRow* found = nullptr;
    std::string all;
    int count = 0;
    for (const TransactionRow& row : rows) {
        if (row.head.id.str().starts_with(prefix)) {
            all += (found == nullptr ? "" : ", ") + row.head.id.str() + " (" + row.head.vm_name + ")";
            found = &row;
            ++count;
        }
    }
    if (found == nullptr) {
        return fail(no_such_transaction(id_or_prefix));
    }
    if (count > 1) {
        return fail(Error(ErrorKind::usage, "'" + prefix + "' names more than one transaction")
                        .with_next("give more of the id: " + all));
    }
    return *found;
}

}  // namespace vmferry::journal
