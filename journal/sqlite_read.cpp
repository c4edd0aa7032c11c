// The reading half of the SQLite store.

#include <algorithm>

#include "journal/chain_walk.hpp"
#include "journal/sqlite_store.hpp"

namespace vmferry::journal {

Result<std::vector<Entry>> SqliteStore::entries(const Uuid& transaction)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(*m_database));
    VMF_TRY_ASSIGN(const auto stored, m_tables.transaction(transaction));
    if (!stored) {
        return fail(no_such_transaction(transaction.str()));
    }
    VMF_TRY_ASSIGN(const std::vector<Row> rows, m_tables.rows_of(*stored));
    std::vector<Entry> entries;
    entries.reserve(rows.size());
    for (const Row& row : rows) {
        VMF_TRY_ASSIGN(Entry entry, to_entry(row));
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<std::vector<TransactionRow>> SqliteStore::transactions()
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(*m_database));
    VMF_TRY_ASSIGN(std::vector<StoredTransaction> all, m_tables.transactions());
    // By the order of their BEGIN; ids and times follow a clock that may have been set.
    std::sort(all.begin(), all.end(), [](const StoredTransaction& a, const StoredTransaction& b) {
        return a.state.first_sequence > b.state.first_sequence;
    });
    std::vector<TransactionRow> rows;
    rows.reserve(all.size());
    for (const StoredTransaction& stored : all) {
        rows.push_back(stored.state.to_row(stored.head));
    }
    return rows;
}

Result<TransactionRow> SqliteStore::find(std::string_view id_or_prefix)
{
    if (const auto id = Uuid::parse(id_or_prefix)) {
        const std::lock_guard lock(m_mutex);
        VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(*m_database));
        VMF_TRY_ASSIGN(const auto stored, m_tables.transaction(*id));
        if (!stored) {
            return fail(no_such_transaction(id_or_prefix));
        }
        return stored->state.to_row(stored->head);
    }
    VMF_TRY_ASSIGN(const std::vector<TransactionRow> rows, transactions());
    return choose(rows, id_or_prefix);
}

Result<int64_t> SqliteStore::highest_epoch(const Uuid& vm_uuid)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(*m_database));
    VMF_TRY_ASSIGN(const std::vector<StoredTransaction> all, m_tables.transactions());
    int64_t epoch = 0;
    for (const StoredTransaction& stored : all) {
        if (stored.head.vm_uuid == vm_uuid) {
            epoch = std::max(epoch, stored.head.epoch);
        }
    }
    return epoch;
}

}  // namespace vmferry::journal
