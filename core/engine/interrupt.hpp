// The operator's wish to stop. Set by the signal thread, looked at between steps.

#pragma once

#include <atomic>
#include <functional>
#include <mutex>

namespace vmferry::engine {

/// Thread-safe. Before the point of no return a stop means the way back; after it, nothing.
class Interrupt {
public:
    /// `signal_number`: SIGINT or SIGTERM. Calls the waker, if one is set.
    void request(int signal_number)
    {
        m_signal.store(signal_number);
        m_count.fetch_add(1);
        const std::lock_guard lock(m_mutex);
        if (m_waker) {
            m_waker();
        }
    }
    [[nodiscard]] bool requested() const { return m_count.load() > 0; }
    [[nodiscard]] int signal_number() const { return m_signal.load(); }
    /// Asked twice: optional clean-up is left as a debt.
    [[nodiscard]] bool impatient() const { return m_count.load() > 1; }

    /// Called on each request, from the signal thread; empty to remove it.
    void set_waker(std::function<void()> waker)
    {
        const std::lock_guard lock(m_mutex);
        m_waker = std::move(waker);
    }

private:
    std::atomic<int> m_signal{0};
    std::atomic<int> m_count{0};
    std::mutex m_mutex;
    std::function<void()> m_waker;
};

}  // namespace vmferry::engine
