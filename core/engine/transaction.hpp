// Carries out the plan of one VM: BEGIN, the phases in their order, END. Whatever fails on the way is
// handed to settle(), which is also what runs after a crash.

#pragma once

#include <string>
#include <vector>

#include "core/engine/phase.hpp"

namespace vmferry::engine {

/// What the operator asked for.
struct MoveRequest {
    std::string command = "migrate";
    std::string vm;  ///< Name or UUID.
    model::Limits limits;
    model::Schedule schedule;
    model::SwitchMode switch_mode = model::SwitchMode::guarded;
    bool peer_to_peer = false;
    std::vector<std::string> accepted;
    bool tls = false;                 ///< The memory stream through TLS.
    std::string tls_name;             ///< Name in the target's certificate for it; empty: the host of the stream.
    std::vector<std::string> probes;  ///< Addresses at which the VM must answer at the target.
    std::string cache_directory;
};

/// Higher than anything that ever worked on this VM, as far as journal, before image and `other` know.
[[nodiscard]] Result<int64_t> next_epoch(Context& context, const Uuid& vm, const model::Observation& other);

/// The head under which a transaction of this plan begins now.
[[nodiscard]] journal::TransactionHead head_of(const model::Plan& plan);

/// Looks at VM and hosts and fills the context: domain, before image, plan. Changes nothing. The VM
/// must be locked by the caller before, and hosts be open.
[[nodiscard]] Result<> plan_move(Context& context, const Uuid& vm, const MoveRequest& request);

/// BEGIN, each phase, END. An error means that BEGIN could not be written and nothing was touched.
[[nodiscard]] Result<Outcome> run_transaction(Context& context, const std::vector<Phase>& phases);

/// BEGIN, the precheck phase, its probes taken away, END: `checked` or `refused`. Nothing of the VM is
/// touched, so nothing is compared. An error means that BEGIN could not be written.
[[nodiscard]] Result<Outcome> run_precheck(Context& context, const std::vector<Phase>& phases);

/// After a crash of run_precheck: takes the probes away and ends it. The VM may have lived on since.
[[nodiscard]] Outcome settle_precheck(Context& context, const std::vector<Phase>& phases);

}  // namespace vmferry::engine
