// The log goes the way of all output: through the one thread that writes. A log file has its own.

#pragma once

#include <memory>

#include "cli/output.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}
using sink_ptr = std::shared_ptr<sinks::sink>;
}  // namespace spdlog

namespace vmferry::cli {

/// Opens FILE for appending, created 0640. Kind `usage` when that cannot be done.
[[nodiscard]] Result<Fd> open_log_file(const std::string& file);

/// Sends spdlog's lines to `output`, which must live as long as the process. -1: errors only, 0:
/// errors, 1: info, 2: debug. VMFERRY_LOG names a level and wins. `log_file`: an open descriptor, which
/// gets everything from info on (debug with 2 or VMFERRY_LOG=debug); -1: none.
/// `journald` gets the same, and stderr nothing where that is journald's as well; nullptr: there is none.
/// Returns a logger that goes to the log file alone; nullptr without one.
[[nodiscard]] std::shared_ptr<spdlog::logger> start_log(Output& output, int verbosity, int log_file,
                                                        spdlog::sink_ptr journald);
/// Returns when the log file has everything that was logged.
void flush_log();
/// For commands without an Output yet.
void silence_log();

}  // namespace vmferry::cli
