// Recovery's one code path: a failure inside a run, `rollback`, the guardian after a crash, another
// admin's machine. Reads the journal, observes both hosts twice, looks up the row, acts, looks again.

#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/engine/phase.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

struct SettleOptions {
    bool forward = false;                  ///< The operator prefers the target where both ways are open.
    std::optional<model::Side> host_dead;  ///< The operator's word that this host is fenced.
    bool dry_run = false;                  ///< Say what would be done; change nothing.
};

/// Which table of recovery settles a plan.
enum class Table {
    live,     ///< The move of a VM that runs or is paused: recovery.hpp.
    cold,     ///< Of one that is off: cold_recovery.hpp.
    storage,  ///< Of a running VM's disks on its host: storage_recovery.hpp.
    offline,  ///< The same of a VM that is off: offline_recovery.hpp.
};
[[nodiscard]] Table table_of(const model::Plan& plan);

/// The last decisive entry.
[[nodiscard]] Stage stage_of(std::span<const journal::Entry> entries);

/// Bodies from which stage_of() tells: SWITCH_INTENT of a plan, and a COMMIT that comes before the source's end.
[[nodiscard]] Json switch_intent_body(const model::Plan& plan);
[[nodiscard]] Json commit_before_fence_body();

/// Settles the context's transaction. `cause` is what made a run fail, if this comes from one.
/// Returns a final outcome, or in_doubt with nothing changed. May run any number of times.
[[nodiscard]] Outcome settle(Context& context, const std::vector<Phase>& phases, const SettleOptions& options,
                             std::optional<Error> cause);

/// Pays the debts of a transaction that has ended: takes back what is still in the ledger after a
/// rollback, or finishes what is owed after a commit. Ends it anew when all are paid.
[[nodiscard]] Outcome pay_debts(Context& context, const std::vector<Phase>& phases);

/// What settle() would do now, in words. For --dry-run and the doctor.
struct Diagnosis {
    Situation situation;
    const RecoveryRow* row = nullptr;
    model::Observation source;
    model::Observation target;
    bool target_has_run = false;       ///< Seen now or earlier, before RESUMED and while the source did not run.
    bool source_started_anew = false;  ///< Seen now or earlier, after the migrate call.
};
/// NOTE of what a recovery saw.
inline constexpr std::string_view k_recovery_note = "recovery";
[[nodiscard]] Json to_json(const Diagnosis& diagnosis);
/// Whether a NOTE of it would say what that of the `last` one does not.
[[nodiscard]] bool tells_more(const Diagnosis& diagnosis, const Diagnosis& last);
[[nodiscard]] Result<Diagnosis> diagnose(Context& context, const SettleOptions& options);
/// The same where the stage is told by something else than the journal. Needs plan and before image.
[[nodiscard]] Diagnosis diagnose_at(Context& context, const SettleOptions& options, Stage stage);

/// Fills plan, before image and hosts' labels of `context` from the journal.
[[nodiscard]] Result<> load_transaction(Context& context, const std::vector<journal::Entry>& entries);

}  // namespace vmferry::engine
