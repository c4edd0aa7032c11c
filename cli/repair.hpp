// `rollback --vm VM --hosts A,B`: settles a VM that others left paused or twice defined.

#pragma once

#include <string>
#include <vector>

#include "cli/report.hpp"
#include "cli/session.hpp"

namespace vmferry::cli {

struct RepairOrder {
    std::string vm;
    std::vector<std::string> hosts;
    std::string keep;  ///< The host whose copy is meant; empty: only what is proven is settled.
    Milliseconds lock_patience{0};
    bool dry_run = false;
};

[[nodiscard]] Report repair_vm(Environment& environment, Session& session, const RepairOrder& order);

}  // namespace vmferry::cli
