#include "core/libvirt/job_statistics.hpp"

#include "core/libvirt/domain.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

namespace {

using world::MigrationProgress;

MigrationProgress progress_of(const TypedParameters& stats)
{
    MigrationProgress progress;
    progress.total_bytes = stats.natural(VIR_DOMAIN_JOB_MEMORY_TOTAL);
    progress.processed_bytes = stats.natural(VIR_DOMAIN_JOB_MEMORY_PROCESSED);
    progress.remaining_bytes = stats.natural(VIR_DOMAIN_JOB_MEMORY_REMAINING);
    progress.disk_total_bytes = stats.natural(VIR_DOMAIN_JOB_DISK_TOTAL);
    progress.disk_processed_bytes = stats.natural(VIR_DOMAIN_JOB_DISK_PROCESSED);
    progress.rate_bytes_per_s = stats.natural(VIR_DOMAIN_JOB_MEMORY_BPS);
    progress.dirty_bytes_per_s =
        stats.natural(VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE) * stats.natural(VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE);
    progress.iteration = stats.natural(VIR_DOMAIN_JOB_MEMORY_ITERATION);
    progress.throttle_percent = static_cast<unsigned>(stats.number(VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE));
    progress.elapsed = Milliseconds(stats.natural(VIR_DOMAIN_JOB_TIME_ELAPSED));
    if (stats.has(VIR_DOMAIN_JOB_DOWNTIME)) {
        progress.downtime = Milliseconds(stats.natural(VIR_DOMAIN_JOB_DOWNTIME));
    }
    return progress;
}

}  // namespace

Result<std::optional<MigrationProgress>> job_statistics(virConnectPtr connection, const Uuid& vm, unsigned flags)
{
    VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, vm));
    TypedParameters stats;
    int type = VIR_DOMAIN_JOB_NONE;
    if (virDomainGetJobStats(domain.get(), &type, stats.out(), stats.out_count(), flags) < 0) {
        return failed_call("the job's statistics cannot be read");
    }
    if (type == VIR_DOMAIN_JOB_NONE) {
        return std::optional<MigrationProgress>();
    }
    return std::optional(progress_of(stats));
}

Result<MigrationProgress> job_progress(Connection& source, const Uuid& vm)
{
    // A question that hangs is not asked again: each would take one of the few requests that the daemon
    // serves at a time.
    const auto claim = source.claim("statistics " + vm.str());
    if (!claim) {
        return fail(ErrorKind::unreachable, "an earlier question for the job's statistics is still without answer");
    }
    VMF_TRY_ASSIGN(const auto progress,
                   source.ask(limits::k_progress, "reading the statistics of " + vm.str(),
                              [vm, claim](virConnectPtr raw) { return job_statistics(raw, vm, 0); }));
    if (!progress) {
        return fail(ErrorKind::failed, "no job works on " + vm.str());
    }
    return *progress;
}

}  // namespace vmferry::libvirt
