// Settles one transaction of the journal: what is open is taken back or finished, what is owed is
// paid. For `rollback` and for the recovery worker after a crash (recover.hpp).

#pragma once

#include <string>

#include "cli/report.hpp"
#include "cli/session.hpp"
#include "core/engine/cold_settle.hpp"
#include "core/engine/offline_settle.hpp"
#include "core/engine/storage_settle.hpp"

namespace vmferry::cli {

struct SettleOrder {
    bool forward = false;
    std::string host_dead;          ///< The operator's word that this host is fenced; empty: none.
    bool release = false;           ///< What a committed storage-move has kept goes, and nothing else is done.
    Milliseconds lock_patience{0};  ///< The kernel needs a moment to give up a dead worker's lock.
};

/// Refused with kind `busy` when its worker lives or its VM is locked. The report of what was done otherwise.
[[nodiscard]] Report settle_transaction(Environment& environment, Session& session, const journal::TransactionRow& row,
                                        const SettleOrder& order);

/// What would be done now; changes nothing. The journal may be open for reading only.
struct Forecast {
    model::Plan plan;
    engine::Diagnosis diagnosis;       ///< Of a move to another host.
    engine::StorageDiagnosis storage;  ///< Of a storage-move.
    engine::OfflineDiagnosis offline;  ///< Of a storage-move of a VM that is off.
    engine::ColdDiagnosis cold;        ///< Of a move of a VM that is off.
    std::vector<std::string> objects;  ///< That would be taken back.
};
/// By the table of its plan.
[[nodiscard]] Result<> diagnose_into(engine::Context& context, const engine::SettleOptions& options,
                                     Forecast& forecast);
[[nodiscard]] Result<Forecast> forecast(Environment& environment, Session& session, const journal::TransactionRow& row,
                                        const SettleOrder& order);

/// Kind `busy` when the transaction's worker is provably alive, and another process.
[[nodiscard]] Result<> refuse_live_worker(const journal::TransactionRow& row);
/// Kind `usage` when --host-dead names neither of the plan's hosts; `command` is what was typed.
[[nodiscard]] Result<engine::SettleOptions> settle_options(const SettleOrder& order, const model::Plan& plan,
                                                           const std::string& command);

/// As BEGIN says it.
[[nodiscard]] Result<model::Plan> recorded_plan(journal::Store& store, const Uuid& transaction);

/// With what the journal says of the transaction; nothing is said of its outcome yet.
[[nodiscard]] Report report_of(std::string_view command, const journal::TransactionRow& row);

}  // namespace vmferry::cli
