#include "cli/output.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace vmferry::cli {

namespace {

/// Progress lines that may wait for a slow reader.
constexpr long k_progress_waiting_max = 200;

bool is_terminal(int fd)
{
    const char* term = std::getenv("TERM");
    return ::isatty(fd) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

size_t columns()
{
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1U : std::string::npos;
}

/// Redrawn lines must not wrap: they could not be cleared.
std::string fitted(const std::string& text)
{
    const size_t width = columns();
    std::string result;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        result += (begin == 0 ? "" : "\n") + text.substr(begin, std::min(end - begin, width));
        begin = end + 1;
    }
    return result;
}

/// From the last of `rows` redrawn lines back to the first, and away with all of them.
std::string clear_rows(long rows) { return rows > 1 ? "\r\033[" + std::to_string(rows - 1) + "A\033[J" : "\r\033[J"; }

/// "<4>" before each line.
std::string with_level(const std::string& text, Level level)
{
    const std::string mark = "<" + std::to_string(static_cast<int>(level)) + ">";
    std::string marked;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        marked += mark + text.substr(begin, end - begin);
        begin = end;
    }
    return marked;
}

}  // namespace

bool write_fully(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
            static_cast<void>(::poll(&ready, 1, 1000));
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void write_now(int fd, const std::string& text) { static_cast<void>(write_fully(fd, text)); }

void write_if_ready(int fd, const std::string& text)
{
    // A pipe that is ready takes PIPE_BUF bytes at once; what we say here is shorter.
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0) {
        static_cast<void>(::write(fd, text.data(), text.size()) < 0);
    }
}

Output::Output(Writes writes)
{
    m_terminal = {false, is_terminal(STDOUT_FILENO), is_terminal(STDERR_FILENO)};
    if (writes == Writes::beside) {
        m_thread = std::thread([this] { run(); });
    }
}

Output::~Output()
{
    {
        const std::lock_guard lock(m_mutex);
        m_over = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void Output::result(std::string text) { put({STDOUT_FILENO, std::move(text), false}); }

void Output::error(std::string text) { put({STDERR_FILENO, std::move(text), false, Level::error}); }

void Output::progress(std::string text, Level level) { put({STDERR_FILENO, std::move(text), true, level}); }

void Output::mark_levels()
{
    const std::lock_guard lock(m_mutex);
    m_levels = true;
}

void Output::status(std::string text)
{
    std::unique_lock lock(m_mutex);
    if (!m_terminal[STDERR_FILENO] || m_closed[STDERR_FILENO]) {
        return;
    }
    m_status = std::move(text);
    m_status_changed = true;
    written_or_woken(lock);
}

void Output::put(Item item)
{
    std::unique_lock lock(m_mutex);
    if (item.is_progress) {
        const auto waiting =
            std::count_if(m_items.begin(), m_items.end(), [](const Item& one) { return one.is_progress; });
        if (waiting >= k_progress_waiting_max) {
            return;
        }
    }
    if (m_levels && item.fd == STDERR_FILENO) {
        item.text = with_level(item.text, item.level);
    }
    m_items.push_back(std::move(item));
    written_or_woken(lock);
}

void Output::written_or_woken(std::unique_lock<std::mutex>& lock)
{
    if (m_thread.joinable()) {
        m_wake.notify_all();
    } else if (!m_busy) {
        write_what_waits(lock);
    }
}

void Output::keep_stdout_free()
{
    const std::lock_guard lock(m_mutex);
    m_closed[STDOUT_FILENO] = true;
}

void Output::drop_terminal()
{
    const std::lock_guard lock(m_mutex);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
        m_closed[static_cast<size_t>(fd)] = m_closed[static_cast<size_t>(fd)] || ::isatty(fd) == 1;
    }
}

void Output::drain()
{
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return m_items.empty() && !m_busy; });
}

void Output::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_over || m_status_changed || !m_items.empty(); });
        if (m_items.empty() && !m_status_changed) {
            return;
        }
        write_what_waits(lock);
    }
}

void Output::write_what_waits(std::unique_lock<std::mutex>& lock)
{
    m_busy = true;
    while (!m_items.empty() || m_status_changed) {
        Item item{STDERR_FILENO, {}, true};
        if (!m_items.empty()) {
            item = std::move(m_items.front());
            m_items.pop_front();
        }
        m_status_changed = false;
        const std::string status = m_over ? std::string() : m_status;
        lock.unlock();
        write_item(item, status);
        lock.lock();
    }
    m_busy = false;
    m_idle.notify_all();
}

/// The status is taken away before anything else is written, and put back after it.
void Output::write_item(const Item& item, const std::string& status)
{
    if (m_status_rows > 0 && m_terminal[static_cast<size_t>(item.fd)]) {
        write_all(STDERR_FILENO, clear_rows(m_status_rows));
        m_status_rows = 0;
    }
    write_all(item.fd, item.text);
    if (!status.empty() && m_terminal[STDERR_FILENO]) {
        // In one write: a terminal that draws between two would flicker.
        write_all(STDERR_FILENO, (m_status_rows > 0 ? clear_rows(m_status_rows) : "") + fitted(status));
        m_status_rows = 1 + std::count(status.begin(), status.end(), '\n');
    }
}

void Output::write_all(int fd, const std::string& text)
{
    const auto index = static_cast<size_t>(fd);
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed[index]) {
            return;
        }
    }
    if (!write_fully(fd, text)) {
        const std::lock_guard lock(m_mutex);
        m_closed[index] = true;
    }
}

}  // namespace vmferry::cli
