// The one thread that writes to stdout and stderr. Neither a reporter nor the log ever waits for a
// slow terminal, a full pipe or a reader that has gone: a transaction must not depend on who looks at it.
//
// - Results and errors are never dropped; progress is, when the reader is slow.
// - A descriptor that refuses a write (closed pipe, lost terminal) gets nothing more.
// - Functions may be called from any thread. Made after the fork: a thread does not survive one.
// - A command that moves nothing writes in its own thread: another takes as long to start as the command.

#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace vmferry::cli {

/// Of syslog(3).
enum class Level { error = 3, warning = 4, info = 6, debug = 7 };

class Output {
public:
    enum class Writes { beside, at_once };
    explicit Output(Writes writes = Writes::beside);
    /// Waits until all is written.
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// To stdout.
    void result(std::string text);
    /// To stderr; never dropped.
    void error(std::string text);
    /// To stderr; dropped when the reader is slow. The level is for journald.
    void progress(std::string text, Level level = Level::info);
    /// The last lines of a terminal, redrawn: replaces the status before it, and gives way to what
    /// else is written. Nothing when stderr is not a terminal. Without a line end at the end.
    void status(std::string text);
    /// stderr goes to journald: each line begins with its level, as sd-daemon(3) has it.
    void mark_levels();
    /// Whether status() is seen by anybody.
    [[nodiscard]] bool redraws() const { return m_terminal[2]; }
    /// Another stream goes to stdout: results are thrown away.
    void keep_stdout_free();
    /// The terminal is gone (HUP): what goes to one is thrown away from here on.
    void drop_terminal();
    /// Returns when everything handed in before is written or given up.
    void drain();

private:
    struct Item {
        int fd;
        std::string text;
        bool is_progress;
        Level level = Level::info;
    };

    void put(Item item);
    void run();
    void written_or_woken(std::unique_lock<std::mutex>& lock);
    void write_what_waits(std::unique_lock<std::mutex>& lock);
    void write_item(const Item& item, const std::string& status);
    void write_all(int fd, const std::string& text);

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::deque<Item> m_items;
    std::string m_status;
    bool m_status_changed = false;
    long m_status_rows = 0;  ///< Of the status on the screen.
    bool m_busy = false;
    bool m_over = false;
    bool m_levels = false;
    std::array<bool, 3> m_closed{};
    std::array<bool, 3> m_terminal{};
    std::thread m_thread;
};

/// Waits for the reader. False when nobody will ever read.
[[nodiscard]] bool write_fully(int fd, std::string_view text);
/// Where there is no writer thread yet: writes and waits for the reader.
void write_now(int fd, const std::string& text);
/// For whoever must not wait (guardian, signal thread): a reader that is not ready misses it.
void write_if_ready(int fd, const std::string& text);

}  // namespace vmferry::cli
