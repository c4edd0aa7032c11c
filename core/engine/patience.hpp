// What recovery waits for, and how long, before it calls a situation undecidable.

#pragma once

#include "core/engine/context.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

/// Waiting may help: the host may come back, the job may end, our own act may show.
[[nodiscard]] bool worth_waiting(const Context& context, const RecoveryRow& row, const Situation& situation);

/// How long a situation may take to become another one by itself.
[[nodiscard]] Milliseconds patience(const Context& context, const RecoveryRow& row, const Situation& situation);

}  // namespace vmferry::engine
