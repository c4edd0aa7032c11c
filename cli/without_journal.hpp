// What `rollback` asks before it settles something that no journal here knows.

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace vmferry::cli {

struct WithoutJournal {
    std::vector<std::string> from_hosts;  ///< Of --from-hosts; empty: --vm with --hosts.
    std::string vm;
    std::vector<std::string> hosts;
    std::string keep;
};

/// Kind `usage` for words that do not belong together, `interrupted` for a no. `sure`: -y, or nothing will be done.
[[nodiscard]] Result<> prepare_without_journal(const WithoutJournal& words, bool sure);

}  // namespace vmferry::cli
