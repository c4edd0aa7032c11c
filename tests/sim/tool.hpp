// The tool as a process: opens hosts, runs the engine, dies. Each run has a memory of its own; only
// journal and hosts last.

#pragma once

#include <optional>

#include "core/engine/phase.hpp"
#include "core/engine/settle.hpp"
#include "core/engine/transaction.hpp"
#include "tests/sim/edge.hpp"
#include "tests/sim/sim_store.hpp"

namespace vmferry::sim {

/// What came of one process.
struct Run {
    bool died = false;
    bool untouched = false;  ///< It ended with an error before BEGIN.
    std::optional<engine::Outcome> outcome;
    std::optional<Error> error;
    int decisive_acts = 0;
    Ms took = 0;
};

class Tool {
public:
    Tool(Universe& universe, SimStore& store, Rules& rules) : m_universe(universe), m_store(store), m_rules(rules) {}

    /// `vmferry migrate web1` from `source` to the other host.
    [[nodiscard]] Run migrate(Side source);
    /// Without the journal, from what the hosts' markers tell: `vmferry rollback --from-hosts`.
    [[nodiscard]] Run recover_by_markers();
    /// What the guardian, the boot unit or `vmferry rollback TX` does: settles what is open, pays debts.
    [[nodiscard]] Run recover(const Uuid& transaction, const engine::SettleOptions& options = {});

private:
    [[nodiscard]] Result<engine::Outcome> migrate_now(Side source, engine::Interrupt& interrupt);
    [[nodiscard]] Result<engine::Outcome> recover_now(const Uuid& transaction, const engine::SettleOptions& options,
                                                      engine::Interrupt& interrupt);
    [[nodiscard]] Result<engine::Outcome> recover_by_markers_now(engine::Interrupt& interrupt);
    template <typename Work>
    [[nodiscard]] Run process(Work work);

    Universe& m_universe;
    SimStore& m_store;
    Rules& m_rules;
};

/// The phases of a move; the precheck looks only at what the simulated hosts have.
[[nodiscard]] const std::vector<engine::Phase>& sim_phases(const model::Plan& plan);

}  // namespace vmferry::sim
