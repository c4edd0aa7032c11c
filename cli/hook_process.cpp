#include "cli/hook_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cli/guardian.hpp"
#include "core/base/handle.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

constexpr Milliseconds k_grace{2000};
constexpr Milliseconds k_look{20};
constexpr size_t k_output_max_bytes = 64 * 1024;

struct Pipe {
    Fd read;
    Fd write;
};

Result<Pipe> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(Error(ErrorKind::failed, "no pipe to a hook could be made").with_cause(std::strerror(errno)));
    }
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// posix_spawn and not fork: other threads may hold locks that a child would wait for for ever.
Result<pid_t> spawn(const std::vector<std::string>& words, int in, int out)
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
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    std::vector<char*> arguments;
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    std::array<char, 64> path{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    std::array<char*, 2> environment{path.data(), nullptr};
    pid_t child = 0;
    const int error =
        ::posix_spawn(&child, words.front().c_str(), &files, &attributes, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        return fail(Error(ErrorKind::failed, fmt::format("the hook {} cannot be started", words.front()))
                        .with_cause(std::strerror(error))
                        .with_next(fmt::format("ls -l {}", words.front())));
    }
    return child;
}

/// Feeds and listens without ever waiting for the hook longer than a moment.
class Talk {
public:
    Talk(Fd to, Fd from, const std::string& input) : m_to(std::move(to)), m_from(std::move(from)), m_input(input)
    {
        ::fcntl(m_to.get(), F_SETFL, O_NONBLOCK);
        ::fcntl(m_from.get(), F_SETFL, O_NONBLOCK);
    }

    void go_on()
    {
        std::array<pollfd, 2> ready{pollfd{m_from ? m_from.get() : -1, POLLIN, 0},
                                    pollfd{m_to ? m_to.get() : -1, POLLOUT, 0}};
        ::poll(ready.data(), ready.size(), static_cast<int>(k_look.count()));
        if (ready[0].revents != 0) {
            listen();
        }
        if (ready[1].revents != 0) {
            feed();
        }
    }
    void listen()
    {
        std::array<char, 4096> part{};
        ssize_t length = 0;
        while (m_from && (length = ::read(m_from.get(), part.data(), part.size())) > 0) {
            const size_t room = k_output_max_bytes - std::min(m_output.size(), k_output_max_bytes);
            m_output.append(part.data(), std::min(static_cast<size_t>(length), room));
        }
        if (length == 0) {
            m_from.reset();
        }
    }
    [[nodiscard]] std::string output() && { return std::move(m_output); }

private:
    void feed()
    {
        const ssize_t written = ::write(m_to.get(), m_input.data(), m_input.size());
        m_input.erase(0, written > 0 ? static_cast<size_t>(written) : 0);
        if (m_input.empty() || (written < 0 && errno != EAGAIN)) {
            m_to.reset();
        }
    }

    Fd m_to;
    Fd m_from;
    std::string m_input;
    std::string m_output;
};

/// Leaves it to be reaped.
bool has_ended(pid_t child)
{
    siginfo_t end{};
    return ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == child;
}

/// Waits for the child and ends it when it must not go on.
HookRun attend(pid_t child, Talk& talk, Milliseconds limit, const std::function<bool()>& stop)
{
    HookRun run;
    const Monotonic::time_point start = Monotonic::now();
    const Deadline deadline(limit);
    std::optional<Deadline> kill_at;
    while (!has_ended(child)) {
        talk.go_on();
        if (!kill_at && (deadline.over() || stop())) {
            run.end = deadline.over() ? HookRun::End::timed_out : HookRun::End::stopped;
            ::kill(-child, SIGTERM);
            kill_at.emplace(k_grace);
        } else if (kill_at && kill_at->over()) {
            ::kill(-child, SIGKILL);
        }
    }
    if (run.end != HookRun::End::exited) {
        // Not reaped yet, so the group is still this one: none of it outlives the limit.
        ::kill(-child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    talk.listen();
    run.took = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    if (run.end == HookRun::End::exited && WIFSIGNALED(status)) {
        run.end = HookRun::End::signalled;
    }
    run.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return run;
}

}  // namespace

std::string HookRun::last_line() const
{
    const std::string_view all(output);
    const std::string_view said = all.substr(0, all.find_last_not_of(" \n\r\t") + 1);
    return std::string(said.substr(said.find_last_of('\n') + 1));
}

std::string HookRun::text() const
{
    switch (end) {
    case End::exited: return fmt::format("ended with exit code {}", code);
    case End::signalled: return fmt::format("was ended by {}", signal_name(code));
    case End::timed_out: return fmt::format("was ended after {}, its limit", format_duration(took));
    case End::stopped: return "was ended, because a stop was asked for";
    }
    return {};
}

Result<HookRun> run_hook(const std::vector<std::string>& words, const std::string& input, Milliseconds limit,
                         const std::function<bool()>& stop)
{
    VMF_TRY_ASSIGN(Pipe in, make_pipe());
    VMF_TRY_ASSIGN(Pipe out, make_pipe());
    VMF_TRY_ASSIGN(const pid_t child, spawn(words, in.read.get(), out.write.get()));
    in.read.reset();
    out.write.reset();
    Talk talk(std::move(in.write), std::move(out.read), input);
    HookRun run = attend(child, talk, limit, stop);
    run.output = std::move(talk).output();
    return run;
}

}  // namespace vmferry::cli
