// Phases and steps as data: what the engine walks. The ordered list is core/phases/phases.cpp.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/context.hpp"

namespace vmferry::engine {

/// The smallest act: something created or changed on a host, and how to take it back.
///
/// - `intent` decides whether this move needs the step; what it returns is the body of LEDGER(object)
///   and all that `undo` may use, beside the plan and fresh observation. nullopt: nothing to do.
/// - `undo` may run twice, and may run when `apply` never happened.
/// - A step after the point of no return has no undo; its `apply` may run twice.
struct Step {
    std::string_view object;
    std::function<Result<std::optional<Json>>(Context&)> intent;
    std::function<Result<>(Context&, const Json& intent)> apply;
    std::function<Result<>(Context&, const Json& intent)> undo = nullptr;
};

/// A user-visible group of steps. `run`, when set, replaces walking the steps.
struct Phase {
    std::string_view name;
    std::vector<Step> steps;
    std::function<Result<>(Context&)> run = nullptr;
    std::optional<journal::Kind> mark = std::nullopt;  ///< Entry that says the phase is done.
    bool after_switch = false;                         ///< Past the point of no return: failing steps become debts.
};

/// Intent, LEDGER durable, apply, DONE.
[[nodiscard]] Result<> run_step(Context& context, const Step& step);
/// For each step: intent, LEDGER durable, apply, DONE. Stops at the first failure and at an interrupt.
[[nodiscard]] Result<> run_steps(Context& context, const std::vector<Step>& steps);
/// As above past the switch: a failing step becomes a debt and the rest goes on.
void finish_steps(Context& context, const std::vector<Step>& steps);
/// The operator asked for the way back: an error of kind `interrupted`.
[[nodiscard]] Result<> check_interrupt(const Context& context);

}  // namespace vmferry::engine
