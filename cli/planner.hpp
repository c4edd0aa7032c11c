// From a look at the hosts to a plan on paper, and back: is what was planned still so?

#pragma once

#include <string>

#include "cli/transact.hpp"
#include "core/model/plan_file.hpp"

namespace vmferry::cli {

/// What the move relies on, as it is now. Asks both hosts.
[[nodiscard]] Result<model::Facts> facts_of(engine::Context& context);
/// What it will create and change, in order. After the prechecks, which prove what is shared.
[[nodiscard]] Result<std::vector<model::PlannedStep>> steps_of(engine::Context& context);

struct PlanWish {
    Milliseconds lifetime{std::chrono::hours(24)};
    bool diff = false;  ///< Also of the definition: here, and as the target gets it.
};
struct Planned {
    std::optional<model::PlanFile> file;  ///< Without signature. Absent: there is nothing to do, or it cannot be done.
    std::string diff;
};
/// Runs the prechecks and writes the plan down in `into`. When they refuse it, `into` stays as it is and
/// the report says why. Nothing of the VM is changed.
[[nodiscard]] Done make_plan_file(Environment& environment, Session& session, Order order, const PlanWish& wish,
                                  Planned& into);

/// For Order::before_run: what is seen now must be what was planned, and the transaction gets the
/// planned id. Kind `bad_plan`. `file` must outlive the order.
[[nodiscard]] std::function<Result<>(engine::Context&)> carry_out_exactly(const model::PlanFile& file);

/// Kind `bad_plan` for what cannot be read or does not hold by the configuration's rules.
[[nodiscard]] Result<model::PlanFile> read_plan_file(const std::string& path, const Config& config);
/// Kind `failed` when it cannot be written; a file of that name is replaced as a whole.
[[nodiscard]] Result<> write_plan_file(const std::string& path, const model::PlanFile& file);

}  // namespace vmferry::cli
