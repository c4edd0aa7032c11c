// Reading the tables `transactions` and `states`, which belong together.

#include "journal/tables.hpp"

namespace vmferry::journal {

namespace {

constexpr const char* k_one =
    "SELECT id, command, vm_uuid, vm_name, source, target, epoch, begun_at_ms, transactions.digest, "
    "first_sequence, last_sequence, entries, last_kind, outcome, debts, aborting, changed_at_ms, machine, "
    "boot_id, pid, start_ticks, states.digest "
    "FROM transactions JOIN states ON transaction_id = id WHERE id = ?";
constexpr const char* k_all =
    "SELECT id, command, vm_uuid, vm_name, source, target, epoch, begun_at_ms, transactions.digest, "
    "first_sequence, last_sequence, entries, last_kind, outcome, debts, aborting, changed_at_ms, machine, "
    "boot_id, pid, start_ticks, states.digest "
    "FROM transactions JOIN states ON transaction_id = id";

/// Text that is no UUID gives an empty one, whose digest then does not fit.
Uuid uuid_from(const std::string& text) { return Uuid::parse(text).value_or(Uuid()); }

void read_head(const Statement& query, TransactionHead& head)
{
    head.id = uuid_from(query.text(0));
    head.command = query.text(1);
    head.vm_uuid = uuid_from(query.text(2));
    head.vm_name = query.text(3);
    head.source = query.text(4);
    head.target = query.text(5);
    head.epoch = query.integer(6);
    head.begun_at_ms = query.integer(7);
}

void read_state(const Statement& query, State& state)
{
    state.first_sequence = query.integer(9);
    state.last_sequence = query.integer(10);
    state.entries = query.integer(11);
    if (const auto kind = parse_kind(query.text(12))) {
        state.last_kind = *kind;
    }
    state.outcome = query.text(13);
    const auto debts = parse_json(query.text(14));
    if (debts && debts->is_array()) {
        for (const Json& object : *debts) {
            state.debts.insert(object.is_string() ? object.get<std::string>() : std::string());
        }
    }
    state.aborting = query.integer(15) != 0;
    state.changed_at_ms = query.integer(16);
    state.worker = {query.text(17), query.text(18), query.integer(19), query.integer(20)};
}

StoredTransaction transaction_from(const Statement& query)
{
    StoredTransaction stored;
    read_head(query, stored.head);
    stored.head_digest = query.text(8);
    read_state(query, stored.state);
    stored.state_digest = query.text(21);
    return stored;
}

}  // namespace

Result<> Tables::check(const StoredTransaction& stored) const
{
    if (digest_of(stored.head) != stored.head_digest) {
        return fail(damaged(m_database, "what transaction " + stored.head.id.str() + " is about was changed"));
    }
    if (stored.state.digest(stored.head.id) != stored.state_digest) {
        return fail(damaged(m_database, "the state of transaction " + stored.head.id.str() + " was changed"));
    }
    return {};
}

Result<std::vector<StoredTransaction>> Tables::stored_transactions()
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_all));
    query->bind();
    std::vector<StoredTransaction> all;
    for (;;) {
        VMF_TRY_ASSIGN(const bool has_row, query->step());
        if (!has_row) {
            return all;
        }
        all.push_back(transaction_from(*query));
    }
}

Result<std::vector<StoredTransaction>> Tables::transactions()
{
    VMF_TRY_ASSIGN(const ChainHead head, stored_chain_head());
    VMF_TRY_ASSIGN(std::vector<StoredTransaction> all, stored_transactions());
    for (const StoredTransaction& stored : all) {
        VMF_TRY(check(stored));
    }
    if (static_cast<int64_t>(all.size()) != head.transactions) {
        return fail(damaged(m_database, "it had " + std::to_string(head.transactions) + " transactions, now it has " +
                                            std::to_string(all.size())));
    }
    return all;
}

Result<std::optional<StoredTransaction>> Tables::transaction(const Uuid& id)
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_one));
    VMF_TRY_ASSIGN(const bool has_row, query->bind(id.str()).step());
    if (!has_row) {
        // Nothing found may also be a damaged tree: the count over all tells.
        VMF_TRY(transactions());
        return std::nullopt;
    }
    StoredTransaction stored = transaction_from(*query);
    query->reset();
    VMF_TRY(check(stored));
    return stored;
}

}  // namespace vmferry::journal
