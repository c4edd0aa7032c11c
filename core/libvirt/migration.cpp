#include "core/libvirt/migration.hpp"

#include "core/libvirt/domain.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/migrate_call.hpp"

namespace vmferry::libvirt {

namespace {

using world::MigrationEvent;
using world::MigrationProgress;

MigrationProgress progress_of(const TypedParameters& stats)
{
    MigrationProgress progress;
    progress.total_bytes = stats.natural(VIR_DOMAIN_JOB_DATA_TOTAL);
    progress.processed_bytes = stats.natural(VIR_DOMAIN_JOB_DATA_PROCESSED);
    progress.remaining_bytes = stats.natural(VIR_DOMAIN_JOB_DATA_REMAINING);
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

/// nullopt when there is no such job.
Result<std::optional<MigrationProgress>> statistics(virConnectPtr connection, const Uuid& vm, unsigned flags)
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

}  // namespace

LibvirtMigration::LibvirtMigration(std::shared_ptr<Line> line, Uuid vm)
    : m_line(std::move(line)), m_vm(std::move(vm)), m_outcome(std::make_shared<Outcome>())
{
}

Result<std::unique_ptr<world::Migration>> LibvirtMigration::start(std::shared_ptr<Line> line,
                                                                  const world::MigrationRequest& request)
{
    std::unique_ptr<LibvirtMigration> migration(new LibvirtMigration(std::move(line), request.vm));
    VMF_TRY(migration->begin(request));
    return std::unique_ptr<world::Migration>(std::move(migration));
}

Result<> LibvirtMigration::begin(const world::MigrationRequest& request)
{
    VMF_TRY_ASSIGN(const auto call, build_call(m_line->caller(), request));
    if (m_line->driver() != nullptr && !m_line->driver()->alive()) {
        return fail(ErrorKind::unreachable, "the driver connection to " + m_line->target().label() + " is gone");
    }
    if (request.fence) {
        VMF_TRY(m_line->prepare_fence(request.vm));
    }
    m_line->watch(request.vm, request.live);
    const bool started = run_detached([line = m_line, outcome = m_outcome, call] {
        auto result =
            line->driver() != nullptr ? run_call(*call, line->driver()->get()) : run_call(*call, line->target_uri());
        {
            const std::lock_guard lock(outcome->mutex);
            outcome->result = std::move(result);
        }
        line->events().push(MigrationEvent::returned);
    });
    if (!started) {
        return fail(ErrorKind::failed, "no thread could be started for the migrate call");
    }
    return {};
}

MigrationEvent LibvirtMigration::next(Milliseconds limit) { return m_line->events().next(limit); }

void LibvirtMigration::wake() { m_line->events().push(MigrationEvent::woken); }

Result<MigrationProgress> LibvirtMigration::progress()
{
    // A question that hangs is not asked again: each would take one of the few requests that the daemon
    // serves at a time.
    const auto claim = m_line->source().claim("statistics " + m_vm.str());
    if (!claim) {
        return fail(ErrorKind::unreachable, "an earlier question for the job's statistics is still without answer");
    }
    VMF_TRY_ASSIGN(const auto progress,
                   m_line->source().ask(limits::k_progress, "reading the statistics of " + m_vm.str(),
                                        [vm = m_vm, claim](virConnectPtr raw) { return statistics(raw, vm, 0); }));
    if (!progress) {
        return fail(ErrorKind::failed, "no job works on " + m_vm.str());
    }
    return *progress;
}

void LibvirtMigration::release()
{
    if (m_line->relay() != nullptr) {
        static_cast<void>(m_line->relay()->release());
    }
}

void LibvirtMigration::drop()
{
    m_line->events().expect_target_loss();
    if (m_line->relay() != nullptr) {
        m_line->relay()->drop();
    }
}

Result<> LibvirtMigration::ready_to_fence()
{
    return m_line->fence() != nullptr ? m_line->fence()->ready() : fail(ErrorKind::internal, "no fence was prepared");
}

Result<> LibvirtMigration::fence(Milliseconds limit)
{
    return m_line->fence() != nullptr ? m_line->fence()->fire(limit)
                                      : fail(ErrorKind::internal, "no fence was prepared");
}

std::optional<Result<>> LibvirtMigration::result() const
{
    const std::lock_guard lock(m_outcome->mutex);
    return m_outcome->result;
}

std::optional<MigrationProgress> LibvirtMigration::completed()
{
    constexpr unsigned k_flags = VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED;
    // A transient source is gone with its statistics; the target has them, too.
    for (Connection* side : {&m_line->source(), &m_line->target()}) {
        const auto stats = side->ask(limits::k_progress, "reading the statistics of " + m_vm.str(),
                                     [vm = m_vm](virConnectPtr raw) { return statistics(raw, vm, k_flags); });
        if (stats && *stats) {
            return *stats;
        }
    }
    return std::nullopt;
}

}  // namespace vmferry::libvirt
