// The migrate call of a move, as its plan wants it.

#pragma once

#include "core/engine/context.hpp"

namespace vmferry::engine {

[[nodiscard]] world::MigrationRequest migrate_request(Context& context, world::PostCopyCall postcopy);

}  // namespace vmferry::engine
