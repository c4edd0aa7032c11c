#include "cli/systemd.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#define SD_JOURNAL_SUPPRESS_LOCATION  // The fields say what it is about; our line numbers help nobody.
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <type_traits>

namespace vmferry::cli {

static_assert(std::is_same_v<decltype(Systemd::journal_sendv), decltype(&::sd_journal_sendv)>);
static_assert(std::is_same_v<decltype(Systemd::notify), decltype(&::sd_notify)>);

const Systemd* load_systemd()
{
    static const Systemd s_systemd = [] {
        Systemd systemd;
        if (void* library = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL)) {
            systemd.journal_sendv =
                reinterpret_cast<decltype(Systemd::journal_sendv)>(::dlsym(library, "sd_journal_sendv"));
            systemd.notify = reinterpret_cast<decltype(Systemd::notify)>(::dlsym(library, "sd_notify"));
        }
        return systemd;
    }();
    return s_systemd.journal_sendv != nullptr && s_systemd.notify != nullptr ? &s_systemd : nullptr;
}

bool journald_listens() { return ::access("/run/systemd/journal/socket", W_OK) == 0; }

bool is_journal_stream(int fd)
{
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream != nullptr && ::fstat(fd, &status) == 0 &&
           fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

bool service_manager_listens()
{
    const char* socket = std::getenv("NOTIFY_SOCKET");
    return socket != nullptr && *socket != '\0';
}

}  // namespace vmferry::cli
