// libsystemd, for a vmferry that has journald or a service manager to talk to. It is loaded then and only
// then: a start must not cost what nobody listens to.

#pragma once

#include <sys/uio.h>

namespace vmferry::cli {

/// sd_journal_sendv(3) and sd_notify(3).
struct Systemd {
    int (*journal_sendv)(const iovec* fields, int count) = nullptr;
    int (*notify)(int unset_environment, const char* state) = nullptr;
};

/// nullptr where the library cannot be loaded.
[[nodiscard]] const Systemd* load_systemd();

/// journald's socket is there.
[[nodiscard]] bool journald_listens();
/// What is written to that descriptor goes to journald: JOURNAL_STREAM of systemd.exec(5).
[[nodiscard]] bool is_journal_stream(int fd);
/// NOTIFY_SOCKET is set: a service manager wants to know how it goes.
[[nodiscard]] bool service_manager_listens();

}  // namespace vmferry::cli
