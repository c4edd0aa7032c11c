// Checks everything that decides whether the move ends well. What a proof writes is in the ledger first.

#pragma once

#include "core/engine/phase.hpp"

namespace vmferry::phases {

[[nodiscard]] engine::Phase precheck_phase();

/// "probe:": takes a nonce back.
[[nodiscard]] engine::Step probe_step();
/// How a nonce stands in the ledger, from which the phase takes it back: object and body.
[[nodiscard]] std::string object_of(model::Side side, const world::ProbeVolume& probe);
[[nodiscard]] Json to_json(model::Side side, const world::ProbeVolume& probe);

}  // namespace vmferry::phases
