// Settles a VM that others left paused or twice defined, as a transaction of its own. Its plan calls the host that
// keeps the VM `target` and the other one `source`.

#pragma once

#include "core/engine/context.hpp"
#include "core/engine/copies.hpp"

namespace vmferry::engine {

inline constexpr std::string_view k_repair = "repair";

/// What both hosts show, seen twice and unchanged.
struct CopiesSeen {
    model::Observation first;  ///< On the host that is `source` in `context.hosts`.
    model::Observation second;
    CopyCase found;
    std::vector<CopyAct> acts;
};
[[nodiscard]] CopiesSeen look_at_copies(Context& context, const Uuid& vm, std::optional<model::Side> keep);

/// Opens the transaction: plan, what was seen, and the operator's word. `context.hosts` has the kept host as target.
[[nodiscard]] Result<> begin_repair(Context& context, const Uuid& vm, const std::string& name, const CopiesSeen& seen,
                                    bool chosen);

/// Does what is still to be done, also after a crash; each act is announced, and the hosts are looked at before
/// it. Ends as `committed` with the VM at the target, or stays open, in doubt, when something else is seen.
[[nodiscard]] Outcome run_repair(Context& context);

}  // namespace vmferry::engine
