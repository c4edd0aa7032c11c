#include "core/phases/convergence.hpp"

#include <algorithm>

namespace vmferry::phases {

namespace {

/// The first passes copy what there is; only later ones tell whether it converges.
constexpr uint64_t k_first_judged_pass = 3;
constexpr Milliseconds k_between_steps{750};
constexpr int k_factor = 2;

}  // namespace

std::optional<Milliseconds> Convergence::next_downtime(const world::MigrationProgress& progress, Milliseconds now)
{
    if (progress.iteration < k_first_judged_pass || m_downtime >= m_most) {
        return std::nullopt;
    }
    if (!m_raised_at) {
        m_raised_at = now;
        m_raised_in = progress.iteration;
        return std::nullopt;
    }
    if (progress.iteration == m_raised_in || now - *m_raised_at < k_between_steps) {
        return std::nullopt;
    }
    m_raised_at = now;
    m_raised_in = progress.iteration;
    m_downtime = std::min(m_downtime * k_factor, m_most);
    return m_downtime;
}

}  // namespace vmferry::phases
