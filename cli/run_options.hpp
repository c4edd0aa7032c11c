// Options of every command that works on transactions.

#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"

namespace vmferry::cli {

struct RunOptions {
    std::string events;  ///< FILE, fd:N or -; empty: no events.
    std::optional<Milliseconds> lock_wait;

    void declare(OptionSet& options)
    {
        options.text("--events", events, "WHERE", "write events (NDJSON) to a FILE, to fd:N, or to stdout (-)");
        options.duration("--lock-wait", lock_wait, "wait this long while another vmferry works on the VM (0s)");
    }
};

}  // namespace vmferry::cli
