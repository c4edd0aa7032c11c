#include "cli/verdict.hpp"

namespace vmferry::cli {

std::string_view to_string(Verdict verdict)
{
    switch (verdict) {
    case Verdict::unknown: return "unknown";
    case Verdict::converging: return "converging";
    case Verdict::not_converging: return "not-converging";
    case Verdict::stalled: return "stalled";
    }
    return "unknown";
}

Verdict Judge::judge(const world::MigrationProgress& progress, Milliseconds now)
{
    if (!m_last_sent || progress.processed_bytes != m_processed_bytes) {
        m_processed_bytes = progress.processed_bytes;
        m_last_sent = now;
    }
    if (now - *m_last_sent >= k_stall) {
        return Verdict::stalled;
    }
    if (progress.rate_bytes_per_s == 0 || progress.iteration < 2) {
        return Verdict::unknown;
    }
    return progress.dirty_bytes_per_s < progress.rate_bytes_per_s ? Verdict::converging : Verdict::not_converging;
}

std::optional<Milliseconds> time_left(const world::MigrationProgress& progress, Verdict verdict)
{
    if (verdict != Verdict::converging) {
        return std::nullopt;
    }
    const uint64_t gain = progress.rate_bytes_per_s - progress.dirty_bytes_per_s;
    return Milliseconds(
        static_cast<int64_t>(static_cast<double>(progress.remaining_bytes) * 1000.0 / static_cast<double>(gain)));
}

}  // namespace vmferry::cli
