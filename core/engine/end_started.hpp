// The way back of a VM that was off when its move began, and that somebody has started at the source.

#pragma once

#include "core/engine/ending.hpp"

namespace vmferry::engine {

/// It runs there and stays. All that a start does not change is compared. nullopt: it cannot be compared just now.
[[nodiscard]] std::optional<Outcome> end_started(Context& context, const model::Observation& source, bool clean);

}  // namespace vmferry::engine
