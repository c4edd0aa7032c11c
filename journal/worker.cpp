// Who works on a transaction, and whether that process still lives.
//
// - A pid says nothing by itself: it is used again. Pid, start time, boot and pid namespace together
//   name one process for ever.
// - "Dead" is only said when it is proven; what cannot be seen from here gives no answer.

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>

#include "journal/proc.hpp"
#include "journal/store.hpp"

namespace vmferry::journal {

namespace {

struct Stat {
    char state = 'X';
    int64_t start_ticks = 0;
};

std::optional<Stat> stat_of(const std::string& pid)
{
    const auto text = read_text("/proc/" + pid + "/stat");
    // The command name may hold blanks and brackets itself, so fields are counted from its last ')'.
    const size_t name_end = text ? text->rfind(')') : std::string::npos;
    if (name_end == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(text->substr(name_end + 1));
    Stat stat;
    fields >> stat.state;
    constexpr int k_first_after_state = 4;
    constexpr int k_start_time = 22;
    for (int number = k_first_after_state; number <= k_start_time; ++number) {
        fields >> stat.start_ticks;
    }
    return fields ? std::optional(stat) : std::nullopt;
}

/// The machine id stays when a machine is renamed; it is missing in some containers.
std::string machine_name()
{
    const auto id = read_text("/etc/machine-id");
    return id && id->size() == 32 ? *id : host_name();
}

std::string boot_name()
{
    std::array<char, 64> link{};
    const ssize_t length = ::readlink("/proc/self/ns/pid", link.data(), link.size() - 1);
    const std::string name_space = length > 0 ? link.data() : "";  // "pid:[4026531836]"
    return read_text("/proc/sys/kernel/random/boot_id").value_or("") + "/" + name_space;
}

std::optional<bool> is_alive_here(const Worker& worker)
{
    if (const auto stat = stat_of(std::to_string(worker.pid))) {
        // A zombie executes nothing any more; it only waits for its parent to read its exit code.
        return stat->start_ticks == worker.start_ticks && stat->state != 'Z' && stat->state != 'X';
    }
    // With the mount option hidepid, /proc shows other users' processes to root only.
    const bool exists = ::kill(static_cast<pid_t>(worker.pid), 0) == 0 || errno != ESRCH;
    return exists ? std::nullopt : std::optional(false);
}

std::string_view without_namespace(std::string_view boot_id) { return boot_id.substr(0, boot_id.find('/')); }

}  // namespace

Worker Worker::of_this_process()
{
    Worker worker;
    worker.machine = machine_name();
    worker.boot_id = boot_name();
    worker.pid = ::getpid();
    worker.start_ticks = stat_of("self").value_or(Stat{}).start_ticks;
    return worker;
}

std::optional<bool> Worker::is_alive() const
{
    const std::string here = boot_name();
    if (boot_id == here) {
        return is_alive_here(*this);
    }
    if (without_namespace(boot_id) == without_namespace(here) || machine != machine_name()) {
        return std::nullopt;
    }
    return false;  // This machine was started anew since.
}

}  // namespace vmferry::journal
