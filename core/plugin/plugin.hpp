// Plugins that are executables: one JSON object in, one out (plugins/README.md).
//
// - A plugin may fail in any way - hang, crash, flood, lie - without harm to us: it has limits, a process group, a
//   directory for its temporary files, which is removed, and nothing of ours.
// - What it says is foreign: the caller reads it as such.

#pragma once

#include <functional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace vmferry::plugin {

struct Plugin {
    std::string name;  ///< "guestfs".
    std::string path;
};

/// Kinds: `not_found`; `config` for one that others could have changed, or that cannot be executed.
[[nodiscard]] Result<Plugin> find_plugin(const std::string& directory, const std::string& name);

/// Its answer. Kinds: `interrupted` when `stop` said so, else `failed`, with what it complained of as the cause.
[[nodiscard]] Result<Json> call_plugin(const Plugin& plugin, const Json& request, Milliseconds limit,
                                       const std::function<bool()>& stop);

}  // namespace vmferry::plugin
