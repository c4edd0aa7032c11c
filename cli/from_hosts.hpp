// `rollback --from-hosts`: the journal is lost, the markers on the hosts tell what has to be settled.

#pragma once

#include <string>
#include <vector>

#include "cli/settlement.hpp"

namespace vmferry::cli {

struct HostsOrder {
    std::vector<std::string> hosts;  ///< As the user names them.
    SettleOrder settle;
    bool dry_run = false;
};

/// Settles each move whose marker is found there, and tells of each. The worst exit code.
[[nodiscard]] engine::ExitCode settle_from_hosts(Environment& environment, Session& session, const HostsOrder& order);

}  // namespace vmferry::cli
