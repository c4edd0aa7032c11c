#include "journal/tables.hpp"

namespace vmferry::journal {

namespace {

constexpr const char* k_last_entry = "SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1";
constexpr const char* k_hash_at = "SELECT hash FROM entries WHERE sequence = ?";
constexpr const char* k_chain_head = "SELECT sequence, hash, transactions, digest FROM chain_head WHERE id = 1";
constexpr const char* k_rows_of =
    "SELECT sequence, transaction_id, ordinal, kind, object, body, actor, at_ms, previous_hash, hash "
    "FROM entries WHERE transaction_id = ? ORDER BY ordinal";
constexpr const char* k_rows_after =
    "SELECT sequence, transaction_id, ordinal, kind, object, body, actor, at_ms, previous_hash, hash, "
    "coalesce((SELECT digest FROM transactions WHERE id = transaction_id AND kind = 'BEGIN'), '') "
    "FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?";
Row row_from(const Statement& query)
{
    Row row;
    row.sequence = query.integer(0);
    row.transaction = query.text(1);
    row.ordinal = query.integer(2);
    row.kind = query.text(3);
    row.object = query.text(4);
    row.body = query.text(5);
    row.actor = query.text(6);
    row.at_ms = query.integer(7);
    row.previous_hash = query.text(8);
    row.hash = query.text(9);
    return row;
}

}  // namespace

Error damaged(const Database& database, const std::string& what)
{
    database.note_damage();
    return Error(ErrorKind::journal, "the journal " + database.path() + " is damaged: " + what)
        .with_next("vmferry audit --verify names the damage; settle open moves from the hosts: "
                   "vmferry rollback --from-hosts HOST...");
}

Result<Statement*> Tables::use(const char* sql)
{
    auto found = m_statements.find(sql);
    if (found == m_statements.end()) {
        VMF_TRY_ASSIGN(Statement statement, m_database.prepare(sql));
        found = m_statements.emplace(sql, std::move(statement)).first;
    }
    return &found->second;
}

Result<ChainHead> Tables::stored_chain_head()
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_chain_head));
    VMF_TRY_ASSIGN(const bool has_row, query->bind().step());
    if (!has_row) {
        return fail(damaged(m_database, "the head of its chain is missing"));
    }
    ChainHead head{query->integer(0), query->text(1), query->integer(2)};
    const std::string digest = query->text(3);
    query->reset();
    if (digest != digest_of(head)) {
        return fail(damaged(m_database, "the head of its chain was changed"));
    }
    return head;
}

Result<ChainHead> Tables::chain_head()
{
    VMF_TRY_ASSIGN(ChainHead head, stored_chain_head());
    VMF_TRY_ASSIGN(Statement* const query, use(k_last_entry));
    VMF_TRY_ASSIGN(const bool has_row, query->bind().step());
    ChainHead found = head;
    found.sequence = has_row ? query->integer(0) : 0;
    found.hash = has_row ? query->text(1) : std::string(k_no_hash);
    query->reset();
    if (digest_of(found) != digest_of(head)) {
        return fail(damaged(m_database, "its last entry is " + std::to_string(found.sequence) + ", but entry " +
                                            std::to_string(head.sequence) + " was written"));
    }
    return head;
}

Result<std::string> Tables::hash_at(int64_t sequence)
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_hash_at));
    VMF_TRY_ASSIGN(const bool has_row, query->bind(sequence).step());
    std::string hash = has_row ? query->text(0) : std::string();
    query->reset();
    return hash;
}

Result<std::vector<Row>> Tables::rows_of(const StoredTransaction& transaction)
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_rows_of));
    query->bind(transaction.head.id.str());
    std::vector<Row> rows;
    for (;;) {
        VMF_TRY_ASSIGN(const bool has_row, query->step());
        if (!has_row) {
            break;
        }
        Row row = row_from(*query);
        const bool is_first = rows.empty();
        const bool in_place =
            row.ordinal == static_cast<int64_t>(rows.size()) + 1 && (row.kind == to_string(Kind::begin)) == is_first;
        if (!in_place || hash_of(row, is_first ? transaction.head_digest : "") != row.hash) {
            query->reset();
            return fail(damaged(m_database, "entry " + std::to_string(row.sequence) + " is not what was written"));
        }
        rows.push_back(std::move(row));
    }
    if (static_cast<int64_t>(rows.size()) != transaction.state.entries) {
        return fail(damaged(m_database, "transaction " + transaction.head.id.str() + " has lost entries"));
    }
    return rows;
}

Result<std::vector<Tables::ChainRow>> Tables::stored_rows_after(int64_t sequence, int limit)
{
    VMF_TRY_ASSIGN(Statement* const query, use(k_rows_after));
    query->bind(sequence, int64_t{limit});
    std::vector<ChainRow> rows;
    for (;;) {
        VMF_TRY_ASSIGN(const bool has_row, query->step());
        if (!has_row) {
            return rows;
        }
        rows.push_back({row_from(*query), query->text(10)});
    }
}

}  // namespace vmferry::journal
