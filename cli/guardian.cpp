#include "cli/guardian.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cli/output.hpp"
#include "core/base/failpoint.hpp"
#include "core/base/process.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

constexpr int k_recoveries_max = 3;

/// Field 22 of /proc/PID/stat; it stays readable until the process is reaped.
int64_t start_ticks_of(pid_t pid)
{
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::stringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    // The command name may hold blanks and brackets itself, so fields are counted from its last ')'.
    std::istringstream fields(all.substr(all.find_last_of(')') + 1));
    std::string field;
    constexpr int k_first = 3;
    constexpr int k_start_time = 22;
    for (int number = k_first; number <= k_start_time; ++number) {
        fields >> field;
    }
    return std::strtoll(field.c_str(), nullptr, 10);
}

const sigset_t& only_child_ended()
{
    static const sigset_t s_set = [] {
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGCHLD);
        return set;
    }();
    return s_set;
}

/// Forks; the child leaves by _exit, because threads of libraries may be stuck and must not be joined.
pid_t spawn(const std::function<ExitCode()>& work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::setpgid(0, 0);
        ::sigprocmask(SIG_UNBLOCK, &only_child_ended(), nullptr);
        ::_exit(static_cast<int>(work()));
    }
    if (child > 0) {
        ::setpgid(child, child);
    }
    return child;
}

/// The VM may stand meanwhile, so a machine without memory or process ids is waited for.
pid_t spawn_patiently(const std::function<ExitCode()>& work)
{
    constexpr int k_tries = 20;
    pid_t child = spawn(work);
    for (int attempt = 0; child < 0 && attempt < k_tries; ++attempt) {
        ::usleep(500 * 1000);
        child = spawn(work);
    }
    return child;
}

sigset_t handed_on()
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD}) {
        ::sigaddset(&set, one);
    }
    return set;
}

/// Hands signals on until the child has ended. Does not reap it.
siginfo_t watch(pid_t child)
{
    const sigset_t set = handed_on();
    while (true) {
        siginfo_t end{};
        if (::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid == child) {
            return end;
        }
        const int number = ::sigwaitinfo(&set, nullptr);
        if (number > 0 && number != SIGCHLD) {
            ::kill(child, number);
        }
    }
}

ExitCode give_up(const std::string& why)
{
    write_if_ready(STDERR_FILENO,
                   fmt::format("error VMF-E030: {}\n"
                               "Where the VM is could not be proven; nothing more is started or destroyed.\n"
                               "What was created is in the journal.\n"
                               "Next: vmferry rollback --all-incomplete\n",
                               why));
    return ExitCode::in_doubt;
}

}  // namespace

ExitCode guard(const Guarded& guarded)
{
    // Blocked before the fork: an end that comes at once is not missed.
    ::sigprocmask(SIG_BLOCK, &only_child_ended(), nullptr);

    std::vector<DeadWorker> dead;
    pid_t child = spawn(guarded.work);
    if (child < 0) {
        write_if_ready(STDERR_FILENO,
                       fmt::format("error VMF-E070: no process could be started: {}\nNothing was touched.\n"
                                   "Nothing was created on any host.\nNext: free some memory and try again\n",
                                   std::strerror(errno)));
        return ExitCode::internal;
    }
    while (true) {
        const int64_t start_ticks = start_ticks_of(child);
        const siginfo_t end = watch(child);
        if (end.si_code == CLD_EXITED) {
            return static_cast<ExitCode>(end.si_status);
        }
        dead.push_back({child, start_ticks, end.si_status});
        if (dead.size() > k_recoveries_max) {
            return give_up(fmt::format("the worker died ({}), and so did each attempt to settle what it left",
                                       signal_name(dead.front().signal)));
        }
        write_if_ready(STDERR_FILENO, fmt::format("vmferry's worker {} died ({}); settling what it left\n", child,
                                                  signal_name(end.si_status)));
        child = spawn_patiently([&] {
            failpoint::set_role("recovery");
            return guarded.recover(dead);
        });
        if (child < 0) {
            return give_up("the worker died and no other process could be started");
        }
    }
}

}  // namespace vmferry::cli
