#include "journal/tables.hpp"

namespace vmferry::journal {

Result<> Tables::insert(const TransactionHead& head)
{
    VMF_TRY_ASSIGN(Statement* const insert,
                   use("INSERT INTO transactions (id, command, vm_uuid, vm_name, source, target, epoch, "
                       "begun_at_ms, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return insert
        ->bind(head.id.str(), head.command, head.vm_uuid.str(), head.vm_name, head.source, head.target, head.epoch,
               head.begun_at_ms, digest_of(head))
        .run();
}

Result<> Tables::insert(const Row& row)
{
    VMF_TRY_ASSIGN(Statement* const insert,
                   use("INSERT INTO entries (sequence, transaction_id, ordinal, kind, object, body, actor, "
                       "at_ms, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return insert
        ->bind(row.sequence, row.transaction, row.ordinal, row.kind, row.object, row.body, row.actor, row.at_ms,
               row.previous_hash, row.hash)
        .run();
}

Result<> Tables::insert(const Uuid& transaction, const State& state)
{
    VMF_TRY_ASSIGN(Statement* const insert,
                   use("INSERT INTO states (first_sequence, last_sequence, entries, last_kind, outcome, debts, "
                       "aborting, changed_at_ms, machine, boot_id, pid, start_ticks, digest, transaction_id) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return bind_state(*insert, transaction, state).run();
}

Result<> Tables::update(const Uuid& transaction, const State& state)
{
    VMF_TRY_ASSIGN(Statement* const update,
                   use("UPDATE states SET first_sequence = ?, last_sequence = ?, entries = ?, last_kind = ?, "
                       "outcome = ?, debts = ?, aborting = ?, changed_at_ms = ?, machine = ?, boot_id = ?, "
                       "pid = ?, start_ticks = ?, digest = ? WHERE transaction_id = ?"));
    return bind_state(*update, transaction, state).run();
}

Result<> Tables::update(const ChainHead& head)
{
    VMF_TRY_ASSIGN(Statement* const update,
                   use("UPDATE chain_head SET sequence = ?, hash = ?, transactions = ?, digest = ? WHERE id = 1"));
    return update->bind(head.sequence, head.hash, head.transactions, digest_of(head)).run();
}

Statement& Tables::bind_state(Statement& statement, const Uuid& transaction, const State& state)
{
    const std::string_view last_kind = state.last_kind ? to_string(*state.last_kind) : std::string_view();
    const int64_t aborting = state.aborting ? 1 : 0;
    const Worker& worker = state.worker;
    return statement.bind(state.first_sequence, state.last_sequence, state.entries, last_kind, state.outcome,
                          state.debts_text(), aborting, state.changed_at_ms, worker.machine, worker.boot_id, worker.pid,
                          worker.start_ticks, state.digest(transaction), transaction.str());
}

}  // namespace vmferry::journal
