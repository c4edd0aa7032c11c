// What the move of a VM that is off consists of: its definition is made at the target, bolted, so that nobody can start
// it there as long as the source knows it, too.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

/// Marker, autostart off, and the definition at the target with the snapshots' records.
[[nodiscard]] engine::Phase cold_reserve_phase();
/// The target's definition is compared with the source's, both hosts are looked at, COMMIT, and the source's goes.
[[nodiscard]] engine::Phase cold_switch_phase();
/// The target's definition is what the source's was; the source does not run.
[[nodiscard]] engine::Phase cold_verify_phase();
/// VMF-E222 when others have started or undefined the VM that was off there: it is not ours to move any more.
[[nodiscard]] Result<> refuse_started(engine::Context& context, model::Side side);
/// "bolt:target" of `release`: nothing to do for a VM that ran.
[[nodiscard]] engine::Step unbolt_step();
/// An error while the target's definition is bolted: what is owed for it needs the marker.
[[nodiscard]] Result<> refuse_bolted(engine::Context& context);

}  // namespace vmferry::phases
