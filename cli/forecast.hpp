// `rollback -n`: what would be done, in one line.

#pragma once

#include "cli/settlement.hpp"

namespace vmferry::cli {

/// Looks at the hosts where that is needed; changes nothing. The result is on stdout.
[[nodiscard]] engine::ExitCode tell_forecast(Environment& environment, Session& session,
                                             const journal::TransactionRow& row, const SettleOrder& order);

}  // namespace vmferry::cli
