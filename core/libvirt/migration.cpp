#include "core/libvirt/migration.hpp"

#include "core/libvirt/job_statistics.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/migrate_call.hpp"

namespace vmferry::libvirt {

using world::MigrationEvent;
using world::MigrationProgress;

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
    if (request.postcopy == world::PostCopyCall::allowed) {
        if (m_line->relay() == nullptr) {
            return fail(ErrorKind::internal, "without the relay nothing keeps the target paused");
        }
        m_line->relay()->keep_paused();
    }
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

Result<MigrationProgress> LibvirtMigration::progress() { return job_progress(m_line->source(), m_vm); }

void LibvirtMigration::hold_finish()
{
    if (m_line->relay() != nullptr) {
        m_line->relay()->hold_finish();
    }
}

void LibvirtMigration::pass_finish(bool start)
{
    if (m_line->relay() != nullptr) {
        m_line->relay()->pass_finish(start);
    }
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
                                     [vm = m_vm](virConnectPtr raw) { return job_statistics(raw, vm, k_flags); });
        if (stats && *stats) {
            return *stats;
        }
    }
    return std::nullopt;
}

}  // namespace vmferry::libvirt
