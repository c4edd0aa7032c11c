// The journal in an SQLite file.
//
// - Every write is one SQLite transaction: all of it, durable, or nothing.
// - The place of an entry in the chain is read inside that transaction, under SQLite's write lock, so
//   any number of processes may append.
// - Appends of several threads that come together share one write (group.hpp).
// - Reads hold SQLite's lock shortly: another process' COMMIT may be waiting while a guest stands still.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "journal/group.hpp"
#include "journal/store.hpp"
#include "journal/tables.hpp"

namespace vmferry::journal {

class SqliteStore final : public Store {
public:
    /// `database` is open, hardened and of the present schema.
    SqliteStore(std::unique_ptr<Database> database, Access access);

    using Store::begin;
    [[nodiscard]] Result<Entry> begin(const TransactionHead& head, const SharedJson& body,
                                      std::span<const Draft> more) override;
    [[nodiscard]] Result<> append(const Uuid& transaction, std::span<const Draft> drafts) override;
    [[nodiscard]] Result<> adopt(const Uuid& transaction) override;
    [[nodiscard]] Result<std::vector<Entry>> entries(const Uuid& transaction) override;
    [[nodiscard]] Result<std::vector<TransactionRow>> transactions() override;
    [[nodiscard]] Result<TransactionRow> find(std::string_view id_or_prefix) override;
    [[nodiscard]] Result<int64_t> highest_epoch(const Uuid& vm_uuid) override;
    [[nodiscard]] Result<ChainReport> verify_chain() override;
    [[nodiscard]] int64_t durable_writes() const override { return m_durable_writes; }

    /// A durable write that changes nothing: proves that writes reach the disk.
    [[nodiscard]] Result<> probe();

private:
    /// One call of append().
    struct Append {
        const Uuid& transaction;
        std::span<const Draft> drafts;
        Result<> result;
    };

    [[nodiscard]] Result<> admit_write() const;
    void write_all(const std::vector<Append*>& appends);
    [[nodiscard]] Result<> try_write_all(const std::vector<Append*>& appends);
    [[nodiscard]] Result<> admit_append(const Append& append, std::map<Uuid, State>& states);
    [[nodiscard]] Result<Row> write_entry(const Uuid& transaction, const Draft& draft, State& state, ChainHead& head,
                                          const std::string& head_digest);
    [[nodiscard]] Result<Row> write_begin(const TransactionHead& head, const SharedJson& body,
                                          std::span<const Draft> more);
    [[nodiscard]] Result<> write_worker(const Uuid& transaction);
    [[nodiscard]] Result<> commit(SqlTxn& txn, const ChainHead& head);
    [[nodiscard]] Result<> settle_failed_commit(const ChainHead& head, Error error);
    [[nodiscard]] Result<> write_nothing();
    [[nodiscard]] Result<> after(const std::string& point);

    std::mutex m_mutex;  ///< Over the database, its tables and what a write changes.
    Group<Append> m_group;
    std::unique_ptr<Database> m_database;
    Tables m_tables;
    Access m_access;
    Worker m_self;
    Actor m_actor;
    std::string m_actor_text;
    pid_t m_pid;
    std::atomic<int64_t> m_durable_writes = 0;
    std::atomic<bool> m_broken = false;  ///< A write ended as `unknown`.
};

}  // namespace vmferry::journal
