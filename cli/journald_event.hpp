// What vmferry tells journald, by kind. Each has a MESSAGE_ID that never changes and a text in
// vmferry.catalog, which `journalctl -x` shows below the entry.

#pragma once

#include <string_view>

namespace vmferry::cli {

enum class JournaldEvent {
    log,  ///< A line of the log; it has no MESSAGE_ID.
    began,
    resumed,
    phase_done,
    phase_failed,
    finding,
    warning,
    recovery,
    undone,
    ended,
    failed,
};

/// 32 hexadecimal digits; empty for `log`.
[[nodiscard]] std::string_view message_id(JournaldEvent event);

}  // namespace vmferry::cli
