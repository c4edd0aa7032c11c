// Running a piece of a test in another process.

#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace vmferry::journal {

constexpr unsigned k_nobody = 65534;

/// Forks and runs `act` in the child; the child's exit code is 0 when it returns true.
inline pid_t start(const std::function<bool()>& act)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        bool good = false;
        try {
            good = act();
        } catch (...) {
        }
        ::_exit(good ? 0 : 1);
    }
    return pid;
}

inline bool ended_well(pid_t pid)
{
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

inline bool in_child(const std::function<bool()>& act) { return ended_well(start(act)); }

/// Runs `act` as a user without privileges; needs root.
inline bool as_nobody(const std::function<bool()>& act)
{
    return in_child([&] { return ::setgid(k_nobody) == 0 && ::setuid(k_nobody) == 0 && act(); });
}

}  // namespace vmferry::journal
