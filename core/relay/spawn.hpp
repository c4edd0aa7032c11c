// Starts a program whose standard input and output are one socket.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace vmferry::relay {

struct Spawned {
    pid_t pid;
    Fd stream;      ///< Our end of its standard input and output.
    Fd complaints;  ///< Its standard error, to read without blocking.
};

/// Looks the program up in PATH. It starts in a session of its own, with no signal blocked or ignored
/// and no descriptor of ours but those three. Kind `failed` when it cannot be started.
[[nodiscard]] Result<Spawned> spawn_program(const std::vector<std::string>& words);

}  // namespace vmferry::relay
