// A thread that writes lines to a file or pipe, or hands them to whoever takes them, so that nobody waits
// for a reader.
//
// - A line that may be dropped is, when many are waiting; the caller is told. All others are kept.
// - A descriptor that refuses a write (closed pipe, full disk) gets nothing more.
// - Made after the fork; functions may be called from any thread.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/clock.hpp"

namespace vmferry::cli {

class LineWriter {
public:
    /// `fd` must stay open as long as this lives.
    explicit LineWriter(int fd);
    /// `write` is called in the thread, for one line; false: nobody will ever read.
    explicit LineWriter(std::function<bool(const std::string&)> write);
    /// Waits until all is written.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// Whether a line that may be dropped would be taken now.
    [[nodiscard]] bool has_room();
    /// `line` ends with a line end.
    void put(std::string line);
    /// Returns when everything handed in before is written or given up.
    void drain();
    /// The same, for at most `limit`: the reader may be stuck.
    void drain_for(Milliseconds limit);

private:
    void run();

    [[nodiscard]] bool is_idle() const { return m_closed || (m_lines.empty() && !m_busy); }

    std::function<bool(const std::string&)> m_write;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::deque<std::string> m_lines;
    bool m_busy = false;
    bool m_closed = false;
    bool m_over = false;
    std::thread m_thread;
};

}  // namespace vmferry::cli
