// `rollback -n`: what would be done, in one line.

#pragma once

#include "cli/settlement.hpp"

namespace vmferry::cli {

/// Looks at the hosts where that is needed; changes nothing. The result is on stdout.
[[nodiscard]] engine::ExitCode tell_forecast(Environment& environment, Session& session,
                                             const journal::TransactionRow& row, const SettleOrder& order);

/// What is seen and what would be done, with the objects that would be taken back.
[[nodiscard]] std::string forecast_line(const model::Plan& plan, const engine::Diagnosis& seen,
                                        const std::vector<std::string>& objects);

}  // namespace vmferry::cli
