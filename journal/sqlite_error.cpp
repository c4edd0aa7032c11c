// What SQLite's codes mean to an administrator, and what to do next.

#include <cerrno>
#include <cstring>

#include "journal/sqlite.hpp"

namespace vmferry::journal {

namespace {

bool is_full(int code, int system_error)
{
    const int kind = code & 0xff;
    // The system's error is set by these two alone; beside any other it is an old one.
    const bool told_by_system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
    return kind == SQLITE_FULL || (told_by_system && (system_error == ENOSPC || system_error == EDQUOT));
}

std::string next_step(int code, int system_error, const std::string& path)
{
    if (is_full(code, system_error)) {
        return "make room on the file system: df -h " + path;
    }
    switch (code & 0xff) {
    case SQLITE_BUSY: return "see which process holds it: fuser -v " + path;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return "check who may write it: ls -ld " + path + "*";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "keep a copy of " + path +
               ", see vmferry audit --verify, and settle open moves from the hosts: "
               "vmferry rollback --from-hosts HOST...";
    case SQLITE_IOERR: return "check the disk: dmesg | tail";
    default: return "vmferry audit --verify";
    }
}

}  // namespace

Error Database::error(const std::string& what) const
{
    const int code = sqlite3_extended_errcode(m_handle.get());
    const int system_error = sqlite3_system_errno(m_handle.get());
    const int kind = code & 0xff;
    if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) {
        note_damage();
    }
    std::string cause = "SQLite error " + std::to_string(code) + ": " + sqlite3_errmsg(m_handle.get());
    if ((kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL) && system_error != 0) {
        cause += std::string(" (") + std::strerror(system_error) + ")";
    }
    return Error(ErrorKind::journal, what + ": " + m_path)
        .with_cause(std::move(cause))
        .with_next(next_step(code, system_error, m_path));
}

}  // namespace vmferry::journal
