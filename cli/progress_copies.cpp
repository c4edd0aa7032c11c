// How far the copies of disks are, on the terminal.

#include "cli/progress.hpp"
#include "cli/report_storage.hpp"

namespace vmferry::cli {

void Progress::copying(const std::vector<world::CopyProgress>& disks)
{
    const std::lock_guard lock(m_mutex);
    m_now = copying_text(m_phase, elapsed(), disks);
    if (m_quiet) {
        return;
    }
    m_output.status(m_now);
    const auto now = Monotonic::now();
    if (line_is_due(now)) {
        m_last_line = now;
        line(m_now);
    }
}

}  // namespace vmferry::cli
