// Walks the chain of a journal that other processes and threads may be writing.
//
// - It reads in small portions, each under locks of its own: an entry that was written never
//   changes, so portions fit together. One long read would hold up every COMMIT.
// - The states of transactions do change; they are compared in the portion that reaches the end.

#include "journal/chain_walk.hpp"
#include "journal/sqlite_store.hpp"

namespace vmferry::journal {

namespace {

constexpr int k_portion = 256;

class Verification {
public:
    Verification(Database& database, Tables& tables, std::mutex& mutex)
        : m_database(database), m_tables(tables), m_mutex(mutex)
    {
    }

    [[nodiscard]] Result<ChainReport> run();

private:
    [[nodiscard]] Result<> walk_all();
    [[nodiscard]] Result<bool> walk_portion();
    [[nodiscard]] Result<> compare_transactions();
    [[nodiscard]] Result<> read_as_users_do(const std::string& id);

    Database& m_database;
    Tables& m_tables;
    std::mutex& m_mutex;
    ChainWalk m_walk;
    std::optional<ChainHead> m_head;
};

Result<ChainReport> Verification::run()
{
    if (const auto walked = walk_all(); !walked) {
        if (!m_database.saw_damage()) {
            return fail(walked.error());
        }
        m_walk.add_problem("reading ended after entry " + std::to_string(m_walk.last_sequence()) + ": " +
                           walked.error().text());
    }
    return m_walk.finish(m_head);
}

Result<> Verification::walk_all()
{
    for (bool at_end = false; !at_end;) {
        VMF_TRY_ASSIGN(at_end, walk_portion());
    }
    if (m_walk.has_problems()) {
        return {};  // They would come up again.
    }
    for (const auto& [id, state] : m_walk.states()) {
        VMF_TRY(read_as_users_do(id));
    }
    return {};
}

/// True when it reached the end of the chain.
Result<bool> Verification::walk_portion()
{
    const std::lock_guard lock(m_mutex);
    // What the disk holds is asked for. SQLite 3.40 also complains of some damage only when it loads
    // a page, and no more while it has it in memory.
    static_cast<void>(sqlite3_db_release_memory(m_database.handle()));
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(m_database));
    VMF_TRY_ASSIGN(const auto rows, m_tables.stored_rows_after(m_walk.last_sequence(), k_portion));
    for (const auto& [row, head_digest] : rows) {
        m_walk.add(row, head_digest);
    }
    if (rows.size() == k_portion) {
        return false;
    }
    VMF_TRY(compare_transactions());
    return true;
}

Result<> Verification::compare_transactions()
{
    VMF_TRY_ASSIGN(const auto all, m_tables.stored_transactions());
    for (const StoredTransaction& stored : all) {
        const std::string name = "transaction " + stored.head.id.str();
        if (digest_of(stored.head) != stored.head_digest) {
            m_walk.add_problem(name + ": what it is about was changed");
        }
        if (stored.state.digest(stored.head.id) != stored.state_digest) {
            m_walk.add_problem(name + ": its state was changed");
        }
        m_walk.add_transaction(stored.head.id, stored.state);
    }
    VMF_TRY_ASSIGN(m_head, m_tables.stored_chain_head());
    return {};
}

/// Also goes through the index: one that has lost a row would hide an entry from its users.
Result<> Verification::read_as_users_do(const std::string& id)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(m_database));
    VMF_TRY_ASSIGN(const Uuid uuid, Uuid::parse(id));
    VMF_TRY_ASSIGN(const auto stored, m_tables.transaction(uuid));
    if (!stored) {
        return fail(damaged(m_database, "transaction " + id + " cannot be found by its id"));
    }
    VMF_TRY(m_tables.rows_of(*stored));
    return {};
}

}  // namespace

Result<ChainReport> SqliteStore::verify_chain() { return Verification(*m_database, m_tables, m_mutex).run(); }

}  // namespace vmferry::journal
