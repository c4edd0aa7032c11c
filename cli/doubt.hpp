// What to type when an outcome is in doubt, with the names of this transaction in it.

#pragma once

#include "core/engine/outcome.hpp"
#include "core/model/plan.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// The engine says "--host-dead HOST": which one it is, the last diagnosis in the journal tells. When no
/// host is away, the command is left out.
void name_dead_host(engine::Outcome& outcome, journal::Store& store, const model::Plan& plan);

}  // namespace vmferry::cli
