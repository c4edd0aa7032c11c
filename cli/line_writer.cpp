#include "cli/line_writer.hpp"

#include <utility>

#include "cli/output.hpp"

namespace vmferry::cli {

namespace {

/// Lines that may wait for a slow reader before those that can be missed are.
constexpr size_t k_waiting_max = 200;

}  // namespace

LineWriter::LineWriter(int fd) : LineWriter([fd](const std::string& line) { return write_fully(fd, line); }) {}

LineWriter::LineWriter(std::function<bool(const std::string&)> write)
    : m_write(std::move(write)), m_thread([this] { run(); })
{
}

LineWriter::~LineWriter()
{
    {
        const std::lock_guard lock(m_mutex);
        m_over = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

bool LineWriter::has_room()
{
    const std::lock_guard lock(m_mutex);
    return m_lines.size() < k_waiting_max;
}

void LineWriter::put(std::string line)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed) {
            return;
        }
        m_lines.push_back(std::move(line));
    }
    m_wake.notify_all();
}

void LineWriter::drain()
{
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return is_idle(); });
}

void LineWriter::drain_for(Milliseconds limit)
{
    std::unique_lock lock(m_mutex);
    static_cast<void>(m_idle.wait_for(lock, limit, [this] { return is_idle(); }));
}

void LineWriter::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_over || !m_lines.empty(); });
        if (m_lines.empty()) {
            return;
        }
        const std::string line = std::exchange(m_lines.front(), {});
        m_lines.pop_front();
        m_busy = true;
        lock.unlock();
        const bool written = m_write(line);
        lock.lock();
        m_busy = false;
        if (!written) {
            m_closed = true;
            m_lines.clear();
        }
        m_idle.notify_all();
    }
}

}  // namespace vmferry::cli
