#include "core/relay/child.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "core/relay/spawn.hpp"

namespace vmferry::relay {

namespace {

constexpr size_t k_complaints_bytes_max = 1024;
constexpr Milliseconds k_end_limit{500};
constexpr Milliseconds k_end_poll{5};

bool reaped_within(pid_t pid, Milliseconds limit)
{
    const Deadline deadline(limit);
    for (;;) {
        const pid_t got = ::waitpid(pid, nullptr, WNOHANG);
        if (got == pid || (got < 0 && errno == ECHILD)) {
            return true;
        }
        if (deadline.over()) {
            return false;
        }
        std::this_thread::sleep_for(k_end_poll);
    }
}

}  // namespace

Result<Child> Child::spawn(const std::vector<std::string>& words)
{
    VMF_TRY_ASSIGN(Spawned spawned, spawn_program(words));
    return Child(spawned.pid, std::move(spawned.stream), std::move(spawned.complaints));
}

Child::Child(Child&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)), m_stream(std::move(other.m_stream)),
      m_complaints_pipe(std::move(other.m_complaints_pipe)), m_complaints(std::move(other.m_complaints))
{
}

Child::~Child()
{
    m_stream.reset();
    if (m_pid <= 0) {
        return;
    }
    // As leader of its session it leads a process group too: proxies it has started go with it.
    ::kill(-m_pid, SIGTERM);
    if (!reaped_within(m_pid, k_end_limit)) {
        ::kill(-m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
}

bool Child::read_complaints()
{
    std::array<char, 512> piece{};
    for (;;) {
        const ssize_t count = ::read(m_complaints_pipe.get(), piece.data(), piece.size());
        if (count > 0) {
            m_complaints.append(piece.data(), static_cast<size_t>(count));
            m_complaints.erase(0, m_complaints.size() - std::min(m_complaints.size(), k_complaints_bytes_max));
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            m_complaints_pipe.reset();
            return false;
        } else if (errno == EAGAIN) {
            return true;
        }
    }
}

void Child::await_complaints(Milliseconds limit)
{
    const Deadline deadline(limit);
    pollfd entry{m_complaints_pipe.get(), POLLIN, 0};
    while (m_complaints_pipe && !deadline.over()) {
        if (::poll(&entry, 1, static_cast<int>(deadline.left().count())) > 0 && !read_complaints()) {
            return;
        }
    }
}

std::string Child::complaints() const
{
    std::string out;
    for (const char c : m_complaints) {
        const bool printable = static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
        if (printable) {
            out += c;
        } else if (c == '\n' && !out.empty()) {
            out += "; ";
        }
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == ';')) {
        out.pop_back();
    }
    return out;
}

}  // namespace vmferry::relay
