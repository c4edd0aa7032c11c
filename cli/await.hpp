// Waits for a transaction that another process works on.

#pragma once

#include <optional>

#include "core/engine/outcome.hpp"
#include "journal/store.hpp"

namespace vmferry::cli {

/// How long a transaction without a living worker is waited for: a guardian may be about to settle it.
inline constexpr Milliseconds k_orphan_patience{5000};

/// Returns its own exit code once it has ended, and `in_doubt` when nobody has worked on it for
/// k_orphan_patience. Kind `busy` (VMF-E177) when `limit` is over first, nullopt being no limit.
[[nodiscard]] Result<engine::ExitCode> await_end(journal::Store& store, const Uuid& transaction,
                                                 std::optional<Milliseconds> limit);

}  // namespace vmferry::cli
