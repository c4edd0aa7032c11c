// Walks the chain of a journal that other processes may be writing.
//
// - It reads in small portions, each under a lock of its own: an entry that was written never
//   changes, so portions fit together. One long read would hold up every COMMIT.
// - The states of transactions do change; they are compared in the portion that reaches the end.

#include "journal/chain_walk.hpp"
#include "journal/sqlite_store.hpp"

namespace vmferry::journal
{

namespace
{

constexpr int k_portion = 256;

void compare(ChainWalk& walk, const std::vector<StoredTransaction>& all)
{
    for (const StoredTransaction& stored : all) {
        const std::string name = "transaction " + stored.head.id.str();
        if (digest_of(stored.head) != stored.head_digest) {
            walk.add_problem(name + ": what it is about was changed");
        }
        if (stored.state.digest(stored.head.id) != stored.state_digest) {
            walk.add_problem(name + ": its state was changed");
        }
        walk.add_transaction(stored.head.id, stored.state);
    }
}

/// One portion; true when it reached the end of the chain and `head` says where that is.
Result<bool> walk_portion(Database& database, Tables& tables, ChainWalk& walk, std::optional<ChainHead>& head)
{
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(database));
    VMF_TRY_ASSIGN(const auto rows, tables.stored_rows_after(walk.last_sequence(), k_portion));
    for (const auto& [row, head_digest] : rows) {
        walk.add(row, head_digest);
    }
    if (rows.size() == k_portion) {
        return false;
    }
    VMF_TRY_ASSIGN(const auto all, tables.stored_transactions());
    compare(walk, all);
    auto stored = tables.stored_chain_head();
    if (stored) {
        head = *stored;
    } else {
        walk.add_problem(stored.error().what());
    }
    return true;
}

/// Reads each transaction as its users do, which also goes through the index: one that has lost a row
/// would hide an entry. Only a chain without other problems is worth it, for these would come up again.
Result<> read_as_users_do(Database& database, Tables& tables, const ChainWalk& walk)
{
    for (const auto& [id, state] : walk.states()) {
        VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(database));
        VMF_TRY_ASSIGN(const Uuid uuid, Uuid::parse(id));
        VMF_TRY_ASSIGN(const auto stored, tables.transaction(uuid));
        if (!stored) {
            return fail(damaged(database, "transaction " + id + " cannot be found by its id"));
        }
        VMF_TRY(tables.rows_of(*stored));
    }
    return {};
}

Result<> walk_all(Database& database, Tables& tables, ChainWalk& walk, std::optional<ChainHead>& head)
{
    for (bool at_end = false; !at_end;) {
        VMF_TRY_ASSIGN(at_end, walk_portion(database, tables, walk, head));
    }
    return walk.has_problems() ? Result<>() : read_as_users_do(database, tables, walk);
}

} // namespace

Result<ChainReport> SqliteStore::verify_chain()
{
    // What the disk holds is asked for. SQLite 3.40 also complains of some damage only when it loads
    // a page, and no more while it has it in memory.
    static_cast<void>(sqlite3_db_release_memory(m_database->handle()));
    ChainWalk walk;
    std::optional<ChainHead> head;
    if (const auto walked = walk_all(*m_database, m_tables, walk, head); !walked) {
        if (!m_database->saw_damage()) {
            return fail(walked.error());
        }
        walk.add_problem("reading ended after entry " + std::to_string(walk.last_sequence()) + ": " +
                         walked.error().text());
    }
    return walk.finish(head);
}

} // namespace vmferry::journal
