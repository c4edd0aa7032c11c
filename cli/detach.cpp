#include "cli/detach.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/output.hpp"
#include "core/base/handle.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

struct Ends {
    Fd read;
    Fd write;
};

Ends make_pipe()
{
    std::array<int, 2> ends{-1, -1};
    static_cast<void>(::pipe2(ends.data(), O_CLOEXEC));
    return {Fd(ends[0]), Fd(ends[1])};
}

/// What the background says, and the id of its transaction.
struct Lines {
    Ends out = make_pipe();
    Ends err = make_pipe();
    Ends begun = make_pipe();

    [[nodiscard]] bool good() const { return out.read && err.read && begun.read; }
};

[[noreturn]] void go_on_alone(Lines& lines, const std::function<ExitCode(int)>& work)
{
    ::setsid();
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nothing.get(), STDIN_FILENO);
    ::dup2(lines.out.write.get(), STDOUT_FILENO);
    ::dup2(lines.err.write.get(), STDERR_FILENO);
    lines.out = {};
    lines.err = {};
    lines.begun.read.reset();
    ::_exit(static_cast<int>(work(lines.begun.write.release())));
}

/// False at the end of the stream.
bool pass_on(Fd& from, int to)
{
    std::array<char, 4096> part{};
    const ssize_t length = ::read(from.get(), part.data(), part.size());
    if (length > 0) {
        write_now(to, std::string(part.data(), static_cast<size_t>(length)));
    }
    return length > 0;
}

void hand_signals_on(pid_t child)
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
        ::sigaddset(&set, one);
    }
    const timespec at_once{};
    const int number = ::sigtimedwait(&set, nullptr, &at_once);
    if (number > 0) {
        ::kill(child, number);
    }
}

/// Until the id came, or all ends of the background's pipes are closed: then it has ended.
std::string listen(Lines& lines, pid_t child)
{
    constexpr int k_look_ms = 100;
    std::string id;
    while (lines.begun.read) {
        hand_signals_on(child);
        std::array<pollfd, 3> ready{pollfd{lines.begun.read.get(), POLLIN, 0},
                                    pollfd{lines.out.read ? lines.out.read.get() : -1, POLLIN, 0},
                                    pollfd{lines.err.read ? lines.err.read.get() : -1, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), k_look_ms) <= 0) {
            continue;
        }
        std::array<char, 64> text{};
        const ssize_t length = ready[0].revents == 0 ? -1 : ::read(lines.begun.read.get(), text.data(), text.size());
        if (length > 0) {
            return {text.data(), static_cast<size_t>(length)};
        }
        if (ready[1].revents != 0 && !pass_on(lines.out.read, STDOUT_FILENO)) {
            lines.out.read.reset();
        }
        if (ready[2].revents != 0 && !pass_on(lines.err.read, STDERR_FILENO)) {
            lines.err.read.reset();
        }
        if (length == 0 && !lines.out.read && !lines.err.read) {
            lines.begun.read.reset();
        }
    }
    return id;
}

}  // namespace

void TransactionTeller::begun(const model::Plan& plan)
{
    if (m_fd >= 0) {
        const std::string id = plan.transaction.str();
        static_cast<void>(::write(m_fd, id.data(), id.size()) < 0);
        ::close(std::exchange(m_fd, -1));
    }
}

Detached detach(const std::function<ExitCode(int fd)>& work)
{
    Detached detached;
    Lines lines;
    const pid_t child = lines.good() ? ::fork() : -1;
    if (child < 0) {
        return detached;
    }
    if (child == 0) {
        go_on_alone(lines, work);
    }
    lines.out.write.reset();
    lines.err.write.reset();
    lines.begun.write.reset();
    detached.pid = child;
    detached.transaction = listen(lines, child);
    if (!detached.transaction.empty()) {
        detached.code = ExitCode::ok;
        return detached;
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    detached.code = WIFEXITED(status) ? static_cast<ExitCode>(WEXITSTATUS(status)) : ExitCode::in_doubt;
    return detached;
}

}  // namespace vmferry::cli
