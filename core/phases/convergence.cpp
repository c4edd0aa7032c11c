#include "core/phases/convergence.hpp"

#include <algorithm>

namespace vmferry::phases {

namespace {

/// The first pass is all of the memory; only later ones tell whether it converges.
constexpr uint64_t k_first_measured_pass = 2;
/// Percent of the smallest pass so far that a pass must fall short of to count as smaller.
constexpr uint64_t k_smaller_percent = 90;
/// So many passes in a row may miss that: single ones do so by chance.
constexpr int k_flat_passes = 2;
constexpr Milliseconds k_between_steps{750};
constexpr int k_factor = 2;

}  // namespace

void Convergence::judge(const world::MigrationProgress& progress, Milliseconds now)
{
    const bool new_pass = progress.iteration != m_pass;
    m_pass = progress.iteration;
    if (m_pass < k_first_measured_pass) {
        m_shrank_at = now;
        return;
    }
    if (new_pass) {
        const uint64_t size = progress.remaining_bytes;
        const bool smaller = !m_smallest || size < *m_smallest / 100 * k_smaller_percent;
        m_smallest = std::min(size, m_smallest.value_or(size));
        m_flat = smaller ? 0 : m_flat + 1;
    }
    if (m_flat == 0) {
        m_shrank_at = now;
    }
    m_stalled = now - m_shrank_at > m_stall;
}

std::optional<Milliseconds> Convergence::next_downtime(const world::MigrationProgress& progress, Milliseconds now)
{
    judge(progress, now);
    const bool too_soon = m_raised_at && now - *m_raised_at < k_between_steps;
    if (m_flat < k_flat_passes || too_soon || m_downtime >= m_most) {
        return std::nullopt;
    }
    m_raised_at = now;
    m_flat = 1;  // One more flat pass under the new limit, and it rises again.
    m_downtime = std::min(m_downtime * k_factor, m_most);
    return m_downtime;
}

bool Convergence::hopeless() const { return m_downtime >= m_most && m_flat >= k_flat_passes; }

}  // namespace vmferry::phases
