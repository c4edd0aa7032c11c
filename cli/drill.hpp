// The drill: moves a VM back and forth, kills the moving vmferry at each write of its journal, recovers and compares.

#pragma once

#include <string>
#include <vector>

#include "cli/mortal_store.hpp"
#include "cli/report.hpp"
#include "cli/session.hpp"

namespace vmferry::cli {

struct DrillOrder {
    std::string vm;
    model::HostAddress home;
    model::HostAddress target;
    bool quick = false;  ///< Only after each write, not before it as well.
};

struct DrillRound {
    int write = 0;
    Moment moment{};
    std::string entry;  ///< "LEDGER marker:source".
    std::string from;
    std::string to;
    bool reached = true;  ///< False: this move had fewer writes, and went through.
    std::string outcome;
    Milliseconds recovery{0};
    std::vector<std::string> problems;  ///< Empty: proved.
};

struct DrillResult {
    std::string vm_name;
    std::string vm_uuid;
    int writes = 0;  ///< Of the undisturbed move.
    std::vector<DrillRound> rounds;
    engine::Location location;  ///< At the end.
    std::optional<Error> error;
    engine::ExitCode code = engine::ExitCode::internal;
};

[[nodiscard]] DrillResult run_drill(Environment& environment, Session& session, const DrillOrder& order);

}  // namespace vmferry::cli
