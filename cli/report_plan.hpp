// A plan for people and for programs.

#pragma once

#include <string>

#include "cli/transact.hpp"
#include "core/model/plan_file.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_plan_schema = "vmferry.plan/1";

/// Steps, names and facts, in lines. `diff`: of the definition; may be empty.
[[nodiscard]] std::string plan_text(const Done& done, const model::PlanFile& file, const std::string& diff);
/// How `plan` ended: the plan, that nothing is to be done, or what stands against it. `saved`: path of the
/// plan file, may be empty.
void tell_plan(Environment& environment, const Done& done, const std::optional<model::PlanFile>& file,
               const std::string& saved, const std::string& diff);

}  // namespace vmferry::cli
