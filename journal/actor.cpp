#include "journal/entry.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "journal/proc.hpp"

namespace vmferry::journal {

namespace {

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

int64_t login_uid_of_this_process()
{
    // The kernel writes 2^32-1 for "never logged in", as for a service started at boot.
    constexpr int64_t k_nobody_logged_in = 4294967295;
    const auto text = read_text("/proc/self/loginuid");
    if (!text || text->empty()) {
        return -1;
    }
    const int64_t uid = std::strtoll(text->c_str(), nullptr, 10);
    return uid == k_nobody_logged_in ? -1 : uid;
}

std::string terminal()
{
    for (const int fd : {STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO}) {
        std::array<char, 64> name{};
        if (::ttyname_r(fd, name.data(), name.size()) == 0) {
            return name.data();
        }
    }
    return {};
}

/// "vmferry-recover.service" from "0::/system.slice/vmferry-recover.service".
std::string systemd_unit()
{
    const std::string cgroup = read_text("/proc/self/cgroup").value_or("");
    const std::string line = cgroup.substr(cgroup.rfind('\n') + 1);
    const std::string unit = line.substr(line.rfind('/') + 1);
    const bool is_unit = unit.ends_with(".service") || unit.ends_with(".scope");
    return is_unit ? unit : std::string();
}

/// A person at a terminal is named by it even below a session scope, so the terminal comes first.
std::string origin_of_this_process()
{
    if (std::string tty = terminal(); !tty.empty()) {
        return tty;
    }
    std::string unit = systemd_unit();
    return unit == "cron.service" || unit == "crond.service" ? "cron" : unit;
}

template <typename T>
T field(const Json& json, const char* name, T otherwise)
{
    if (!json.is_object()) {
        return otherwise;
    }
    const auto found = json.find(name);
    if (found == json.end()) {
        return otherwise;
    }
    if constexpr (std::is_integral_v<T>) {
        return found->is_number_integer() ? found->template get<T>() : otherwise;
    } else {
        return found->is_string() ? found->template get<T>() : otherwise;
    }
}

}  // namespace

Actor Actor::of_this_process()
{
    Actor actor;
    actor.uid = ::getuid();
    actor.login_uid = login_uid_of_this_process();
    actor.sudo_user = variable("SUDO_USER");
    actor.origin = origin_of_this_process();
    actor.machine = host_name();
    actor.pid = ::getpid();
    actor.invocation = variable("INVOCATION_ID");
    return actor;
}

Json Actor::to_json() const
{
    return {{"uid", uid}, {"login_uid", login_uid},  {"sudo_user", sudo_user}, {"origin", origin}, {"machine", machine},
            {"pid", pid}, {"invocation", invocation}};
}

Actor Actor::from_json(const Json& json)
{
    Actor actor;
    actor.uid = field(json, "uid", actor.uid);
    actor.login_uid = field(json, "login_uid", actor.login_uid);
    actor.sudo_user = field(json, "sudo_user", actor.sudo_user);
    actor.origin = field(json, "origin", actor.origin);
    actor.machine = field(json, "machine", actor.machine);
    actor.pid = field(json, "pid", actor.pid);
    actor.invocation = field(json, "invocation", actor.invocation);
    return actor;
}

}  // namespace vmferry::journal
