#include "cli/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "core/engine/outcome.hpp"

namespace vmferry::cli {

namespace {

sigset_t awaited()
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
        ::sigaddset(&set, one);
    }
    return set;
}

class SignalThread {
public:
    explicit SignalThread(Signalled& signalled) : m_signalled(signalled) {}

    [[noreturn]] void run()
    {
        const sigset_t set = awaited();
        while (true) {
            const int number = ::sigwaitinfo(&set, nullptr);
            if (number > 0 && !is_repeat(number)) {
                handle(number);
            }
        }
    }

private:
    bool is_repeat(int number)
    {
        const auto now = Monotonic::now();
        auto& last = m_last[static_cast<size_t>(number)];
        const bool repeat = last != Monotonic::time_point{} && now - last < k_same_signal;
        last = now;
        return repeat;
    }

    void handle(int number)
    {
        switch (number) {
        case SIGHUP: m_signalled.output.drop_terminal(); break;
        case SIGUSR1: m_signalled.progress.say_where_it_is(); break;
        default: stop(number); break;
        }
    }

    void stop(int number)
    {
        if (const int code = m_signalled.final_code.load(); code >= 0) {
            ::_exit(code);
        }
        if (m_stops > 0 && number == SIGTERM) {
            return;
        }
        ++m_stops;
        if (m_stops == 1) {
            m_signalled.progress.say_stopping();
        } else if (m_stops == 2) {
            m_signalled.progress.say_impatient();
        } else {
            m_signalled.progress.say_leaving();
            ::_exit(static_cast<int>(engine::ExitCode::in_doubt));
        }
        m_signalled.interrupt.request(number);
    }

    Signalled& m_signalled;
    std::array<Monotonic::time_point, 65> m_last{};
    int m_stops = 0;
};

}  // namespace

void prepare_signals()
{
    const sigset_t set = awaited();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    for (const int one : {SIGTSTP, SIGTTIN, SIGTTOU, SIGQUIT, SIGPIPE}) {
        ::signal(one, SIG_IGN);
    }
    // A caller that ignores it would have our children vanish unseen.
    ::signal(SIGCHLD, SIG_DFL);
}

void start_signal_thread(Signalled& signalled)
{
    std::thread([&signalled] { SignalThread(signalled).run(); }).detach();
}

}  // namespace vmferry::cli
