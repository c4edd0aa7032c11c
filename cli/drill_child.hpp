// The moves of the drill, each a vmferry of its own.

#pragma once

#include <string>
#include <vector>

#include "cli/own_child.hpp"
#include "cli/settings.hpp"
#include "core/base/uuid.hpp"
#include "core/model/host.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// `command` is migrate or drill; with the journal and the configuration of this one.
[[nodiscard]] Result<ChildEnd> move_by_child(const Settings& settings, const model::HostAddress& from,
                                             const model::HostAddress& to, const Uuid& vm, const std::string& command,
                                             const std::vector<std::string>& more);

/// What it wrote behind the last `key`, up to the end of that line; empty: nothing.
[[nodiscard]] std::string said(const ChildEnd& end, const std::string& key);

/// "WHAT ended with exit code 10", with its words as the cause.
[[nodiscard]] Error child_failed(const std::string& what, const ChildEnd& end);

/// To know which one a child has begun.
[[nodiscard]] Result<std::vector<Uuid>> known_transactions(journal::Store& store);

}  // namespace vmferry::cli
