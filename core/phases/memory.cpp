#include "core/phases/memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/phases/convergence.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;
using world::MigrationEvent;

namespace {

/// How often the job's statistics are asked for. Never once the source has stopped.
constexpr Milliseconds k_poll{250};

/// Watches one migrate call until the target is complete.
class Watch {
public:
    explicit Watch(Context& context)
        : m_context(context), m_start(context.world.clock.now()), m_moved_at(m_start),
          m_convergence(context.plan.limits.first_downtime, context.plan.limits.max_downtime)
    {
    }

    Result<> until_held();

private:
    Result<bool> handle(MigrationEvent event);
    Result<> look();
    Result<> look_at_progress(const world::MigrationProgress& progress);
    [[nodiscard]] Error call_failed() const;

    Context& m_context;
    Milliseconds m_start;
    Milliseconds m_moved_at;  ///< When the stream was last seen to move.
    uint64_t m_processed = 0;
    Convergence m_convergence;
};

Result<> Watch::until_held()
{
    while (true) {
        VMF_TRY(engine::check_interrupt(m_context));
        VMF_TRY_ASSIGN(const bool held, handle(m_context.migration->next(k_poll)));
        if (held) {
            return {};
        }
    }
}

Error Watch::call_failed() const
{
    const auto result = m_context.migration->result();
    if (result && !*result) {
        return Error(result->error()).in(fmt::format("moving {} to {}", m_context.plan.vm_name, m_context.plan.target));
    }
    return Error(ErrorKind::unknown, "the migrate call returned although its last reply was not let through");
}

Result<bool> Watch::handle(MigrationEvent event)
{
    switch (event) {
    case MigrationEvent::held: m_context.reply_held = true; return true;
    case MigrationEvent::returned: return fail(call_failed());
    case MigrationEvent::suspended:
        if (!m_context.stopped_at) {
            m_context.stopped_at = m_context.world.clock.now();
        }
        break;
    case MigrationEvent::source_lost:
        return fail(ErrorKind::unreachable, fmt::format("the connection to {} was lost", m_context.plan.source));
    case MigrationEvent::target_lost:
        return fail(ErrorKind::unreachable, fmt::format("the connection to {} was lost", m_context.plan.target));
    case MigrationEvent::finish_failed:
    case MigrationEvent::woken: break;
    case MigrationEvent::timeout: VMF_TRY(look()); break;
    }
    const Milliseconds now = m_context.world.clock.now();
    if (now - m_start > m_context.plan.limits.transaction) {
        return fail(ErrorKind::interrupted, "the time limit of the move was reached before the memory converged");
    }
    return false;
}

Result<> Watch::look()
{
    const Milliseconds now = m_context.world.clock.now();
    // Inside the switch window the source is only waited for; its statistics take the domain's job.
    if (!m_context.stopped_at) {
        if (const auto progress = m_context.migration->progress()) {
            VMF_TRY(look_at_progress(*progress));
        }
    }
    const Milliseconds since = now - (m_context.stopped_at ? *m_context.stopped_at : m_moved_at);
    if (since > m_context.plan.limits.no_progress) {
        return fail(ErrorKind::unreachable, fmt::format("the memory stream from {} to {} stands still for {} ms",
                                                        m_context.plan.source, m_context.plan.target, since.count()));
    }
    return {};
}

Result<> Watch::look_at_progress(const world::MigrationProgress& progress)
{
    const Milliseconds now = m_context.world.clock.now();
    if (progress.processed_bytes != m_processed || progress.total_bytes == 0) {
        m_processed = progress.processed_bytes;
        m_moved_at = now;
    }
    m_context.outcome.memory_bytes_sent = progress.processed_bytes;
    m_context.outcome.passes = progress.iteration;
    if (const auto downtime = m_convergence.next_downtime(progress, now)) {
        if (const auto control = m_context.control(Side::source)) {
            static_cast<void>(m_context.effect("raise-downtime:source", [&] {
                return (*control)->set_max_downtime(m_context.plan.vm_uuid, *downtime);
            }));
        }
    }
    m_context.reporter.progress(progress, m_convergence.downtime());
    return {};
}

Result<> run(Context& context)
{
    // The call may switch at any time from its start on.
    VMF_TRY(context.record(journal::Kind::switch_intent));
    const world::MigrationRequest request{
        .vm = context.plan.vm_uuid,
        .persist = context.plan.persistent,
        .live = !context.plan.was_paused,
        .allow_unsafe = context.allow_unsafe,
        .migrate_uri = context.plan.migrate_uri,
        .target_marker = context.plan.marker(Side::target),
    };
    VMF_TRY(context.effect("migrate", [&]() -> Result<> {
        VMF_TRY_ASSIGN(context.migration, context.driver->start(request));
        return {};
    }));
    context.interrupt.set_waker([migration = context.migration.get()] { migration->wake(); });
    const Result<> held = Watch(context).until_held();
    context.interrupt.set_waker({});
    return held;
}

}  // namespace

engine::Phase memory_phase() { return {.name = "memory", .steps = {}, .run = run}; }

}  // namespace vmferry::phases
