#include "plugins/guestfs/answer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace vmferry::guestfs {

namespace {

bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
    }
    return true;
}

}  // namespace

void Answer::doing(std::string what)
{
    const std::scoped_lock lock(m_mutex);
    m_doing = std::move(what);
}

void Answer::ended_early(const std::string& why)
{
    const std::scoped_lock lock(m_mutex);
    if (m_inspection.incomplete.empty()) {
        m_inspection.incomplete = fmt::format("{} while {}", why, m_doing);
    }
}

bool Answer::is_over()
{
    const std::scoped_lock lock(m_mutex);
    return !m_inspection.incomplete.empty();
}

void Answer::give()
{
    constexpr int k_nobody_listens = 74;
    // Never given back: a second caller must not write into the first one's answer.
    m_mutex.lock();
    const bool written = write_all(m_fd, dump_json(model::to_json(m_inspection)) + "\n");
    ::_exit(written ? 0 : k_nobody_listens);
}

}  // namespace vmferry::guestfs
