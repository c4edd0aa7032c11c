#include "journal/sqlite_store.hpp"

#include <unistd.h>

#include "core/base/assert.hpp"
#include "core/base/clock.hpp"
#include "core/base/failpoint.hpp"
#include "journal/schema.hpp"

namespace vmferry::journal {

namespace {

std::string failpoint_of(std::string_view act) { return "journal." + std::string(act); }

Result<> before(const std::string& point)
{
    if (const auto passed = failpoint::hit(point + ".before"); !passed) {
        return fail(ErrorKind::journal, passed.error().what());
    }
    return {};
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database, Access access)
    : m_database(std::move(database)), m_tables(*m_database), m_access(access), m_self(Worker::of_this_process()),
      m_actor(Actor::of_this_process()), m_actor_text(dump_json(m_actor.to_json())), m_pid(::getpid())
{
}

Result<> SqliteStore::admit_write() const
{
    // A connection that crossed a fork() would corrupt the file: its locks stayed with the parent.
    VMF_ASSERT(m_pid == ::getpid());
    if (m_access == Access::read_only) {
        return fail(ErrorKind::internal, "the journal was opened for reading: " + m_database->path());
    }
    if (m_broken) {
        return fail(
            Error(ErrorKind::journal,
                  "an earlier write to the journal ended without an answer from the disk: " + m_database->path())
                .with_next("check the disk (dmesg | tail), then: vmferry rollback --all-incomplete"));
    }
    return {};
}

Result<Row> SqliteStore::write_entry(const Uuid& transaction, const Draft& draft, State& state, ChainHead& head,
                                     const std::string& head_digest)
{
    Row row;
    row.sequence = head.sequence + 1;
    row.transaction = transaction.str();
    row.ordinal = state.entries + 1;
    row.kind = to_string(draft.kind);
    row.object = draft.object;
    VMF_ASSERT(!draft.body->is_discarded());  // Its text would not be JSON.
    row.body = dump_json(draft.body);
    row.actor = m_actor_text;
    row.at_ms = wall_clock_ms();
    row.previous_hash = head.hash;
    row.hash = hash_of(row, head_digest);
    VMF_TRY(m_tables.insert(row));
    state.add(draft.kind, draft.object, row.sequence, row.at_ms);
    head.sequence = row.sequence;
    head.hash = row.hash;
    return row;
}

Result<Entry> SqliteStore::begin(const TransactionHead& head, const SharedJson& body, std::span<const Draft> more)
{
    VMF_TRY(admit_begin(head));
    const std::string point = failpoint_of(to_string(Kind::begin));
    VMF_TRY(before(point));
    VMF_TRY_ASSIGN(const Row row, write_begin(head, body, more));
    VMF_TRY(after(point));
    return to_entry(row);
}

Result<Row> SqliteStore::write_begin(const TransactionHead& head, const SharedJson& body, std::span<const Draft> more)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY(admit_write());
    VMF_TRY_ASSIGN(SqlTxn txn, SqlTxn::write(*m_database));
    VMF_TRY_ASSIGN(ChainHead chain, m_tables.chain_head());
    VMF_TRY(m_tables.insert(head));
    State state;
    state.worker = m_self;
    VMF_TRY_ASSIGN(Row row, write_entry(head.id, {Kind::begin, "", body}, state, chain, digest_of(head)));
    VMF_TRY(admit(state, more));
    for (const Draft& draft : more) {
        VMF_TRY(write_entry(head.id, draft, state, chain, ""));
    }
    VMF_TRY(m_tables.insert(head.id, state));
    ++chain.transactions;
    VMF_TRY(m_tables.update(chain));
    VMF_TRY(commit(txn, chain));
    return row;
}

Result<> SqliteStore::append(const Uuid& transaction, std::span<const Draft> drafts)
{
    if (drafts.empty()) {
        return {};
    }
    const std::string point = failpoint_of(to_string(drafts.back().kind));
    VMF_TRY(before(point));
    Append append{transaction, drafts, {}};
    m_group.run(append, [this](const std::vector<Append*>& appends) { write_all(appends); });
    VMF_TRY(append.result);
    return after(point);
}

void SqliteStore::write_all(const std::vector<Append*>& appends)
{
    const std::lock_guard lock(m_mutex);
    const Result<> written = try_write_all(appends);
    for (Append* append : appends) {
        if (append->result && !written) {
            append->result = written;
        }
    }
}

/// Those that are refused leave the others alone; an error of the write itself is everybody's.
Result<> SqliteStore::try_write_all(const std::vector<Append*>& appends)
{
    VMF_TRY(admit_write());
    VMF_TRY_ASSIGN(SqlTxn txn, SqlTxn::write(*m_database));
    VMF_TRY_ASSIGN(ChainHead chain, m_tables.chain_head());
    const int64_t old_end = chain.sequence;
    std::map<Uuid, State> states;
    for (Append* append : appends) {
        append->result = admit_append(*append, states);
        if (!append->result) {
            continue;
        }
        for (const Draft& draft : append->drafts) {
            VMF_TRY(write_entry(append->transaction, draft, states.at(append->transaction), chain, ""));
        }
    }
    if (chain.sequence == old_end) {
        return {};
    }
    for (const auto& [transaction, state] : states) {
        VMF_TRY(m_tables.update(transaction, state));
    }
    VMF_TRY(m_tables.update(chain));
    return commit(txn, chain);
}

Result<> SqliteStore::admit_append(const Append& append, std::map<Uuid, State>& states)
{
    auto found = states.find(append.transaction);
    if (found == states.end()) {
        VMF_TRY_ASSIGN(auto stored, m_tables.transaction(append.transaction));
        if (!stored) {
            return fail(no_such_transaction(append.transaction.str()));
        }
        found = states.emplace(append.transaction, std::move(stored->state)).first;
    }
    return admit(found->second, append.drafts);
}

Result<> SqliteStore::adopt(const Uuid& transaction)
{
    const std::string point = failpoint_of("ADOPT");
    VMF_TRY(before(point));
    VMF_TRY(write_worker(transaction));
    return after(point);
}

Result<> SqliteStore::write_worker(const Uuid& transaction)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY(admit_write());
    VMF_TRY_ASSIGN(SqlTxn txn, SqlTxn::write(*m_database));
    VMF_TRY_ASSIGN(auto stored, m_tables.transaction(transaction));
    if (!stored) {
        return fail(no_such_transaction(transaction.str()));
    }
    VMF_TRY(admit_adoption(transaction, stored->state.worker, m_self));
    stored->state.worker = m_self;
    VMF_TRY(m_tables.update(transaction, stored->state));
    VMF_TRY(txn.commit());
    ++m_durable_writes;
    return {};
}

Result<> SqliteStore::probe()
{
    const std::lock_guard lock(m_mutex);
    return write_nothing();
}

Result<> SqliteStore::write_nothing()
{
    VMF_TRY_ASSIGN(SqlTxn txn, SqlTxn::write(*m_database));
    // SQLite writes the page even when the value is the same.
    VMF_TRY(m_database->execute("PRAGMA user_version = " + std::to_string(k_schema_version)));
    VMF_TRY(txn.commit());
    ++m_durable_writes;
    return {};
}

Result<> SqliteStore::commit(SqlTxn& txn, const ChainHead& head)
{
    if (auto done = txn.commit(); !done) {
        return settle_failed_commit(head, std::move(done).error());
    }
    ++m_durable_writes;
    return {};
}

/// A commit may fail after the deed: the rollback journal is gone, but the sync of its directory
/// failed, so the entry is there until a power loss may bring the old journal back. Look; if it is
/// there, another full write settles it, for it ends with the same sync.
Result<> SqliteStore::settle_failed_commit(const ChainHead& head, Error error)
{
    const auto hash = m_tables.hash_at(head.sequence);
    if (hash && *hash != head.hash) {
        return fail(std::move(error));
    }
    if (hash && write_nothing()) {
        return {};
    }
    m_broken = true;
    return fail(Error(ErrorKind::unknown, "the disk failed while the journal was written: the entry may be in it")
                    .with_cause(error.text())
                    .with_next(error.next()));
}

/// An armed error stands for a lost answer of the disk: the entry is there and the caller cannot know.
Result<> SqliteStore::after(const std::string& point)
{
    if (const auto passed = failpoint::hit(point + ".after"); !passed) {
        m_broken = true;
        return fail(ErrorKind::unknown, passed.error().what());
    }
    return {};
}

}  // namespace vmferry::journal
