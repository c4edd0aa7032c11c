#include "core/base/failpoint.hpp"

#ifdef VMFERRY_FAILPOINTS

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vmferry::failpoint {

namespace {

struct Armed {
    std::string pattern;
    std::string action;
    std::string argument;
    int from_hit = 1;
    int hits = 0;
};

std::mutex g_mutex;
std::string g_role = "worker";

bool matches(const Armed& armed, std::string_view name)
{
    if (!armed.pattern.empty() && armed.pattern.back() == '*') {
        return name.substr(0, armed.pattern.size() - 1) ==
               std::string_view(armed.pattern).substr(0, armed.pattern.size() - 1);
    }
    return name == armed.pattern;
}

std::vector<Armed> parse(const char* text)
{
    std::vector<Armed> all;
    std::string_view rest = text == nullptr ? "" : text;
    while (!rest.empty()) {
        const size_t end = rest.find(';');
        std::string_view item = rest.substr(0, end);
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        const size_t equals = item.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        Armed armed;
        armed.pattern = item.substr(0, equals);
        std::string_view action = item.substr(equals + 1);
        if (const size_t at = action.find('@'); at != std::string_view::npos) {
            armed.from_hit = std::atoi(std::string(action.substr(at + 1)).c_str());
            action = action.substr(0, at);
        }
        const size_t colon = action.find(':');
        armed.action = action.substr(0, colon);
        if (colon != std::string_view::npos) {
            armed.argument = action.substr(colon + 1);
        }
        all.push_back(std::move(armed));
    }
    return all;
}

void write_line(const char* file, std::string_view name)
{
    const int fd = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        const std::string line = g_role + " " + std::string(name) + "\n";
        [[maybe_unused]] const ssize_t written = ::write(fd, line.data(), line.size());
        ::close(fd);
    }
}

void wait_for(const std::string& file)
{
    write_line((file + ".reached").c_str(), "paused");
    while (::access(file.c_str(), F_OK) != 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace

void set_role(std::string_view role)
{
    const std::lock_guard lock(g_mutex);
    g_role = role;
}

Result<> hit(std::string_view name)
{
    static std::vector<Armed> s_armed = parse(std::getenv("VMFERRY_FAILPOINTS"));
    static const char* s_log = std::getenv("VMFERRY_FAILPOINT_LOG");
    static const char* s_role = std::getenv("VMFERRY_FAILPOINT_ROLE");

    std::string action;
    std::string argument;
    {
        const std::lock_guard lock(g_mutex);
        if (s_log != nullptr) {
            write_line(s_log, name);
        }
        if (g_role != (s_role == nullptr ? std::string_view("worker") : std::string_view(s_role))) {
            return {};
        }
        for (Armed& armed : s_armed) {
            if (matches(armed, name) && ++armed.hits == armed.from_hit) {
                action = armed.action;
                argument = armed.argument;
            }
        }
    }
    if (action == "crash") {
        ::kill(::getpid(), SIGKILL);
    } else if (action == "crash-group") {
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    } else if (action == "delay") {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(argument.c_str())));
    } else if (action == "pause") {
        wait_for(argument);
    } else if (action == "error") {
        return fail(ErrorKind::failed, "failpoint " + std::string(name));
    }
    return {};
}

Result<> hit_effect(std::string_view name, std::string_view when)
{
    std::string point = "effect.";
    point += name;
    point += '.';
    point += when;
    return hit(point);
}

}  // namespace vmferry::failpoint

#endif
