#include "core/phases/disk_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace vmferry::phases {

using model::Side;

namespace {

/// Disks are larger than memory, and the guest does not stand for them.
constexpr Milliseconds k_copy_limit{std::chrono::hours(24)};
constexpr Milliseconds k_still_limit{std::chrono::minutes(1)};

}  // namespace

bool DiskWatch::look(const world::MigrationProgress& progress, Milliseconds now)
{
    m_over = m_over || progress.total_bytes > 0 || !m_context.plan.copies.any();
    if (m_over) {
        m_context.outcome.disk_bytes_copied = progress.disk_processed_bytes;
        return false;
    }
    if (progress.disk_processed_bytes != m_processed || m_moved_at.count() == 0) {
        m_processed = progress.disk_processed_bytes;
        m_moved_at = now;
    }
    m_context.outcome.disk_bytes_copied = m_processed;
    report(now);
    return true;
}

Result<> DiskWatch::judge(Milliseconds now) const
{
    const model::Plan& plan = m_context.plan;
    if (now - m_start > k_copy_limit) {
        return fail(Error(ErrorKind::interrupted,
                          fmt::format("the disks were not copied within {}", format_duration(k_copy_limit)))
                        .with_id("VMF-E206")
                        .with_next("the same over a faster link, or with the larger disks on shared storage"));
    }
    if (now - m_moved_at > k_still_limit) {
        return fail(ErrorKind::unreachable, fmt::format("the copy of the disks from {} to {} stands still for {}",
                                                        plan.source, plan.target, format_duration(now - m_moved_at)));
    }
    return {};
}

/// What is not answered is not told: it is for people.
void DiskWatch::report(Milliseconds now)
{
    world::Disks* disks = m_context.hosts.at(Side::source).disks();
    std::vector<world::CopyProgress> all;
    for (const model::DiskMove& disk : m_context.plan.copies.disks) {
        auto one =
            disks == nullptr ? fail(ErrorKind::failed, "") : disks->copy_progress(m_context.plan.vm_uuid, disk.target);
        if (!one) {
            continue;
        }
        const auto before =
            std::find_if(m_disks.begin(), m_disks.end(), [&](const auto& each) { return each.target == disk.target; });
        const int64_t elapsed = (now - m_seen_at).count();
        if (before != m_disks.end() && elapsed > 0 && one->done_bytes >= before->done_bytes) {
            one->rate_bytes_per_s = (one->done_bytes - before->done_bytes) * 1000 / static_cast<uint64_t>(elapsed);
        }
        one->ready = one->total_bytes > 0 && one->done_bytes == one->total_bytes;
        all.push_back(*one);
    }
    m_disks = std::move(all);
    m_seen_at = now;
    if (!m_disks.empty()) {
        m_context.reporter.copying(m_disks);
    }
}

}  // namespace vmferry::phases
