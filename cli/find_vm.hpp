// Which VM is meant, on open hosts, and whether there is anything to do at all.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "core/engine/hosts.hpp"
#include "core/engine/outcome.hpp"

namespace vmferry::cli {

/// Opens both. The error says which host it was, and for an unknown name which are known.
[[nodiscard]] Result<> open_hosts(engine::Hosts& hosts, const Config& config);

/// By name or UUID, on the source, else on the target. Kind `not_found` when neither knows it.
[[nodiscard]] Result<Uuid> find_vm(engine::Hosts& hosts, const std::string& vm);

struct AlreadyThere {
    std::string text;
    engine::Location location;
    std::vector<std::string> warnings;
};
/// The VM is where it is wanted: both are the same host, or it is at the target and does not run on
/// the source. nullopt: there is something to do.
[[nodiscard]] Result<std::optional<AlreadyThere>> already_there(engine::Hosts& hosts, const Uuid& vm,
                                                                const std::string& name);

}  // namespace vmferry::cli
