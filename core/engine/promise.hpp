// What a move gives up by the way its switch is decided, or by its consent to post-copy.

#pragma once

#include <string>

#include "core/model/plan.hpp"

namespace vmferry::engine {

/// What vmferry promises of every move and not of this one, as a sentence; empty: nothing. Said at the start and in
/// the result.
[[nodiscard]] std::string promise_given_up(const model::Plan& plan);

}  // namespace vmferry::engine
