// The journal's tables as values. Every read checks the digest of what it returns, so a damaged row
// is an error of kind `journal` and never a wrong answer.

#pragma once

#include <map>
#include <optional>
#include <vector>

#include "journal/chain.hpp"
#include "journal/sqlite.hpp"
#include "journal/state.hpp"

namespace vmferry::journal {

/// A transaction with the digest that is stored beside it.
struct StoredTransaction {
    TransactionHead head;
    State state;
    std::string head_digest;
    std::string state_digest;
};

class Tables {
public:
    /// `database` must outlive this.
    explicit Tables(Database& database) : m_database(database) {}

    [[nodiscard]] Result<> insert(const TransactionHead& head);
    [[nodiscard]] Result<> insert(const Row& row);
    [[nodiscard]] Result<> insert(const Uuid& transaction, const State& state);
    [[nodiscard]] Result<> update(const Uuid& transaction, const State& state);
    [[nodiscard]] Result<> update(const ChainHead& head);

    /// Checked against the last entry too: after a lost tail nothing is appended.
    [[nodiscard]] Result<ChainHead> chain_head();
    [[nodiscard]] Result<ChainHead> stored_chain_head();
    /// Head and state; nullopt when there is no such transaction.
    [[nodiscard]] Result<std::optional<StoredTransaction>> transaction(const Uuid& id);
    /// All of them, and not one less.
    [[nodiscard]] Result<std::vector<StoredTransaction>> transactions();
    /// As stored, unchecked.
    [[nodiscard]] Result<std::vector<StoredTransaction>> stored_transactions();
    /// All rows of a transaction; checked to be whole.
    [[nodiscard]] Result<std::vector<Row>> rows_of(const StoredTransaction& transaction);
    /// The next rows of the chain after `sequence`, unchecked, with the head digest of each BEGIN.
    struct ChainRow {
        Row row;
        std::string head_digest;
    };
    [[nodiscard]] Result<std::vector<ChainRow>> stored_rows_after(int64_t sequence, int limit);
    /// The stored hash of an entry; empty when there is none.
    [[nodiscard]] Result<std::string> hash_at(int64_t sequence);

private:
    /// A prepared statement, made once per text.
    [[nodiscard]] Result<Statement*> use(const char* sql);
    [[nodiscard]] Result<> check(const StoredTransaction& stored) const;
    static Statement& bind_state(Statement& statement, const Uuid& transaction, const State& state);

    Database& m_database;
    std::map<const char*, Statement> m_statements;
};

/// "the journal PATH is damaged: WHAT".
[[nodiscard]] Error damaged(const Database& database, const std::string& what);

}  // namespace vmferry::journal
