// A VM by its name on two hosts that the user names, one of which may be away.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/session.hpp"

namespace vmferry::cli {

/// Kind `usage` unless there are two, and different ones.
[[nodiscard]] Result<std::pair<model::HostAddress, model::HostAddress>>
two_hosts(const Config& config, const std::vector<std::string>& names, const std::string& vm);

struct FoundVm {
    Uuid uuid;
    std::string name;
};
/// By name or UUID on either. Kind `not_found` when both answer and neither knows it, `unreachable` when one that
/// does not answer may know it.
[[nodiscard]] Result<FoundVm> find_on_either(engine::Hosts& hosts, const Config& config, const std::string& vm);

}  // namespace vmferry::cli
