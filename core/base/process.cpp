#include "core/base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/handle.hpp"
#include "core/base/pipe_talk.hpp"
#include "core/base/units.hpp"

namespace vmferry {

namespace {

constexpr Milliseconds k_grace{2000};
constexpr size_t k_complaints_bytes_max = 64 * 1024;

struct Pipe {
    Fd read;
    Fd write;
};

Result<Pipe> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(
            Error(ErrorKind::failed, "no pipe to another program could be made").with_cause(std::strerror(errno)));
    }
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    std::transform(texts.begin(), texts.end(), std::back_inserter(pointers),
                   [](std::string& one) { return one.data(); });
    pointers.push_back(nullptr);
    return pointers;
}

/// posix_spawn and not fork: other threads may hold locks that a child would wait for for ever.
Result<pid_t> spawn(const ProcessOrder& order, int in, int out, int complaints)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&files);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    const int group = order.own_group ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes, static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, complaints, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    std::vector<std::string> words = order.words;
    std::vector<std::string> environment = order.environment;
    environment.emplace_back("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    pid_t child = 0;
    const int error = ::posix_spawn(&child, words.front().c_str(), &files, &attributes, pointers_to(words).data(),
                                    pointers_to(environment).data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        return fail(Error(ErrorKind::failed, fmt::format("{} cannot be started", order.words.front()))
                        .with_cause(std::strerror(error))
                        .with_next(fmt::format("ls -l {}", order.words.front())));
    }
    return child;
}

/// A limit can only become lower; one that the machine has lower already stays.
bool lower(pid_t child, decltype(RLIMIT_AS) what, uint64_t most)
{
    rlimit now{};
    if (::prlimit(child, what, nullptr, &now) != 0) {
        return false;
    }
    const rlim_t value = std::min<rlim_t>(most, now.rlim_max);
    const rlimit wanted{value, value};
    return ::prlimit(child, what, &wanted, nullptr) == 0;
}

/// A child that cannot be limited is ended: it has not been given its input yet.
Result<> confine(pid_t child, const ProcessLimits& limits)
{
    const bool confined = lower(child, RLIMIT_AS, limits.memory_bytes) &&
                          lower(child, RLIMIT_FSIZE, limits.file_bytes) &&
                          lower(child, RLIMIT_NPROC, limits.processes) && lower(child, RLIMIT_CORE, 0);
    if (confined) {
        return {};
    }
    const int problem = errno;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return fail(
        Error(ErrorKind::failed, "limits could not be put on another program").with_cause(std::strerror(problem)));
}

/// Leaves it to be reaped.
bool has_ended(pid_t child)
{
    siginfo_t end{};
    return ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == child;
}

/// Why it must not go on; `exited`: it may.
ProcessRun::End verdict(const ProcessOrder& order, const Talk& talk, const Deadline& deadline,
                        const std::function<bool()>& stop)
{
    if (deadline.over()) {
        return ProcessRun::End::timed_out;
    }
    if (order.confined && talk.output.dropped()) {
        return ProcessRun::End::flooded;
    }
    return stop() ? ProcessRun::End::stopped : ProcessRun::End::exited;
}

/// Waits for the child and ends it when it must not go on.
ProcessRun attend(pid_t child, const ProcessOrder& order, Talk& talk, const std::function<bool()>& stop)
{
    ProcessRun run;
    const Monotonic::time_point start = Monotonic::now();
    const Deadline deadline(order.limit);
    std::optional<Deadline> kill_at;
    const pid_t all_of_it = order.own_group ? -child : child;
    while (!has_ended(child)) {
        talk.go_on();
        if (!kill_at) {
            run.end = verdict(order, talk, deadline, stop);
            if (run.end != ProcessRun::End::exited) {
                ::kill(all_of_it, SIGTERM);
                kill_at.emplace(k_grace);
            }
        } else if (kill_at->over()) {
            ::kill(all_of_it, SIGKILL);
        }
    }
    if (order.confined || run.end != ProcessRun::End::exited) {
        // Not reaped yet, so the group is still this one: none of it outlives the limit.
        ::kill(all_of_it, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    run.took = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    if (run.end == ProcessRun::End::exited && WIFSIGNALED(status)) {
        run.end = ProcessRun::End::signalled;
    }
    run.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return run;
}

}  // namespace

std::string last_line_of(const std::string& text)
{
    const std::string_view all(text);
    const std::string_view said = all.substr(0, all.find_last_not_of(" \n\r\t") + 1);
    return std::string(said.substr(said.find_last_of('\n') + 1));
}

std::string signal_name(int number)
{
    const char* name = ::sigabbrev_np(number);
    return name == nullptr ? std::to_string(number) : fmt::format("SIG{}", name);
}

std::string ProcessRun::last_line() const { return last_line_of(output); }

std::string ProcessRun::text() const
{
    switch (end) {
    case End::exited: return fmt::format("ended with exit code {}", code);
    case End::signalled: return fmt::format("was ended by {}", signal_name(code));
    case End::timed_out: return fmt::format("was ended after {}, its limit", format_duration(took));
    case End::stopped: return "was ended, because a stop was asked for";
    case End::flooded: return fmt::format("was ended, because it wrote more than {}", format_size(output.size()));
    }
    return {};
}

Result<ProcessRun> run_process(const ProcessOrder& order, const std::function<bool()>& stop)
{
    VMF_TRY_ASSIGN(Pipe in, make_pipe());
    VMF_TRY_ASSIGN(Pipe out, make_pipe());
    Pipe complaints;
    if (order.confined) {
        VMF_TRY_ASSIGN(complaints, make_pipe());
    }
    VMF_TRY_ASSIGN(const pid_t child, spawn(order, in.read.get(), out.write.get(),
                                            order.confined ? complaints.write.get() : out.write.get()));
    if (order.limits) {
        VMF_TRY(confine(child, *order.limits));
    }
    in.read.reset();
    out.write.reset();
    complaints.write.reset();
    Talk talk(std::move(in.write), order.input, Ear(std::move(out.read), order.output_bytes_max),
              Ear(std::move(complaints.read), k_complaints_bytes_max));
    ProcessRun run = attend(child, order, talk, stop);
    talk.output.listen();
    talk.complaints.listen();
    if (order.confined && run.end == ProcessRun::End::exited && talk.output.dropped()) {
        run.end = ProcessRun::End::flooded;
    }
    run.output = std::move(talk.output).text();
    run.complaints = std::move(talk.complaints).text();
    return run;
}

}  // namespace vmferry
