#include "core/libvirt/bounded.hpp"

#include <csignal>
#include <deque>
#include <system_error>
#include <thread>

#include "core/base/units.hpp"

namespace vmferry::libvirt {

namespace {

/// Threads that wait for work; as many as were ever busy at once.
class Pool {
public:
    bool run(std::function<void()> task)
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
        if (m_idle >= m_tasks.size() || start_thread()) {
            m_changed.notify_one();
            return true;
        }
        m_tasks.pop_back();
        return false;
    }

private:
    bool start_thread()
    {
        // A new thread inherits the signal mask of its maker.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        bool started = true;
        try {
            std::thread([this] { serve(); }).detach();
        } catch (const std::system_error&) {
            started = false;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return started;
    }

    void serve()
    {
        std::unique_lock lock(m_mutex);
        for (;;) {
            ++m_idle;
            m_changed.wait(lock, [this] { return !m_tasks.empty(); });
            --m_idle;
            const std::function<void()> task = std::move(m_tasks.front());
            m_tasks.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_tasks;
    size_t m_idle = 0;
};

}  // namespace

bool run_detached(std::function<void()> task)
{
    // Never destroyed: its threads outlive main().
    static Pool* const pool = new Pool;
    return pool->run(std::move(task));
}

Error no_answer(Milliseconds limit) { return Error(ErrorKind::unknown, "no answer within " + format_duration(limit)); }

}  // namespace vmferry::libvirt
