#include "plugins/guestfs/watch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/base/units.hpp"

namespace vmferry::guestfs {

namespace {

/// Shorter than what is left between our TERM and our KILL.
constexpr Milliseconds k_grace{1500};
constexpr Milliseconds k_again{100};

/// Written to by the handler, which may do no more than that.
int g_stop = -1;

void on_term(int /*number*/)
{
    const uint64_t one = 1;
    static_cast<void>(::write(g_stop, &one, sizeof one));
}

void end_children()
{
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
        std::ifstream children(thread.path() / "children");
        for (pid_t child = 0; children >> child;) {
            ::kill(child, SIGKILL);
        }
    }
}

[[noreturn]] void end_in_time(Answer& answer, Milliseconds limit)
{
    pollfd stop{g_stop, POLLIN, 0};
    const bool stopped = ::poll(&stop, 1, static_cast<int>(limit.count())) > 0;
    answer.ended_early(stopped ? "it was told to stop" : fmt::format("its time ({}) was up", format_duration(limit)));
    for (const Deadline grace(k_grace); !grace.over(); std::this_thread::sleep_for(k_again)) {
        end_children();
    }
    answer.give();
}

}  // namespace

void watch(Answer& answer, Milliseconds limit)
{
    g_stop = ::eventfd(0, EFD_CLOEXEC);
    struct sigaction action {};
    action.sa_handler = on_term;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, nullptr);
    std::thread([&answer, limit] { end_in_time(answer, limit); }).detach();
}

}  // namespace vmferry::guestfs
