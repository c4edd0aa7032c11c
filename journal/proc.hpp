// The little that the journal reads from /proc and its like: small text files.

#pragma once

#include <optional>
#include <string>

namespace vmferry::journal {

/// The content of a small text file without its last line end; nullopt when it cannot be read.
[[nodiscard]] std::optional<std::string> read_text(const std::string& path);

/// The host name of this machine.
[[nodiscard]] std::string host_name();

}  // namespace vmferry::journal
