#include "core/engine/reconnect.hpp"

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/migrate_request.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {

using model::Side;
using world::MigrationEvent;

namespace {

constexpr Milliseconds k_poll{250};
constexpr Milliseconds k_between_tries{1000};

class Reconnection {
public:
    explicit Reconnection(Context& context) : m_context(context), m_moved_at(now()), m_broken_at(now()) {}

    bool run();

private:
    [[nodiscard]] Milliseconds now() const { return m_context.world.clock.now(); }
    void look();
    [[nodiscard]] bool pending() const;
    [[nodiscard]] bool both_broken() const;
    void take(const Result<world::MigrationProgress>& progress);
    void break_stream();
    Result<> resume();
    Result<> watch(world::Migration& migration);
    bool wait_for_return(world::Migration& migration);

    Context& m_context;
    Milliseconds m_moved_at;   ///< When something was last seen to move.
    Milliseconds m_broken_at;  ///< When the stream was last found to flow, or told to break.
    model::Observation m_source;
    model::Observation m_target;
    uint64_t m_processed = 0;
    uint64_t m_remaining = 0;
    int m_tries = 0;
};

void Reconnection::look()
{
    const Uuid& vm = m_context.plan.vm_uuid;
    m_source = m_context.hosts.observe(Side::source, vm, m_context.plan.limits.call);
    m_target = m_context.hosts.observe(Side::target, vm, m_context.plan.limits.call);
}

bool Reconnection::pending() const
{
    const SourceIs source = classify_source(m_source, m_context.before, m_context.plan, false);
    const TargetIs target = classify_target(m_target, m_context.plan, false);
    const bool partial = target == TargetIs::postcopy || target == TargetIs::broken;
    return source == SourceIs::postcopy
               ? partial || target == TargetIs::incoming || target == TargetIs::unreachable
               : source == SourceIs::unreachable && (partial || target == TargetIs::unreachable);
}

bool Reconnection::both_broken() const
{
    return m_source.reason == model::StateReason::postcopy_failed &&
           classify_target(m_target, m_context.plan, false) == TargetIs::broken;
}

void Reconnection::take(const Result<world::MigrationProgress>& progress)
{
    if (!progress || (progress->processed_bytes == m_processed && progress->remaining_bytes == m_remaining)) {
        return;
    }
    m_processed = progress->processed_bytes;
    m_remaining = progress->remaining_bytes;
    m_moved_at = m_broken_at = now();
    m_context.reporter.progress(*progress, m_context.plan.schedule.max_downtime);
}

/// Refused when it is broken already: nothing to be done about that.
void Reconnection::break_stream()
{
    if (const auto control = m_context.control(Side::source)) {
        static_cast<void>(m_context.effect("break-postcopy:source",
                                           [&] { return (*control)->break_postcopy(m_context.plan.vm_uuid); }));
    }
    m_broken_at = now();
}

bool Reconnection::run()
{
    while (true) {
        look();
        if (!pending()) {
            return true;
        }
        if (now() - m_moved_at > m_context.plan.limits.reconnect || m_context.interrupt.impatient()) {
            return false;
        }
        if (both_broken()) {
            if (const auto resumed = resume(); !resumed) {
                log::warn("post-copy not resumed: {}", resumed.error().text());
            } else if (m_context.reply_held) {
                return true;
            }
        } else if (m_source.reachable) {
            take(m_context.hosts.at(Side::source).inspect().progress(m_context.plan.vm_uuid));
            if (now() - m_broken_at > m_context.plan.limits.no_progress) {
                break_stream();
            }
        }
        m_context.world.clock.sleep(k_between_tries);
    }
}

Result<> Reconnection::resume()
{
    const Milliseconds limit = m_context.plan.limits.call;
    VMF_TRY_ASSIGN(world::Host * source, m_context.hosts.get(Side::source, limit));
    VMF_TRY_ASSIGN(world::Host * target, m_context.hosts.get(Side::target, limit));
    m_context.record_or_warn(journal::Kind::note, "postcopy-resume", {{"try", ++m_tries}});
    m_context.reporter.settling("the stream of the post-copy broke: it is put together again");
    VMF_TRY_ASSIGN(m_context.driver, m_context.world.hypervisor.prepare(*source, *target, world::Route::held, limit));
    VMF_TRY(m_context.effect("resume-postcopy", [&]() -> Result<> {
        VMF_TRY_ASSIGN(m_context.migration,
                       m_context.driver->start(migrate_request(m_context, world::PostCopyCall::resume)));
        return {};
    }));
    m_broken_at = now();  // Nothing has moved yet: a stream that never comes to be is not tried for ever.
    return watch(*m_context.migration);
}

bool Reconnection::wait_for_return(world::Migration& migration)
{
    const Milliseconds end = now() + m_context.plan.limits.finish;
    while (!migration.result() && now() < end) {
        static_cast<void>(migration.next(k_poll));
    }
    return migration.result().has_value();
}

/// Until its Finish has answered, or there is a reason to try anew.
Result<> Reconnection::watch(world::Migration& migration)
{
    const Milliseconds no_progress = m_context.plan.limits.no_progress;
    const Milliseconds begin = now();
    while (true) {
        switch (migration.next(k_poll)) {
        case MigrationEvent::held: m_context.reply_held = true; return {};
        case MigrationEvent::returned: return migration.result().value_or(Result<>{});
        case MigrationEvent::source_lost:
        case MigrationEvent::target_lost:
            migration.drop();
            wait_for_return(migration);
            return fail(ErrorKind::unreachable, "a host was lost");
        case MigrationEvent::timeout: take(migration.progress()); break;
        default: break;
        }
        if (now() - m_broken_at > no_progress) {
            break_stream();
            if (now() - std::max(m_moved_at, begin) > 2 * no_progress) {
                migration.drop();
                wait_for_return(migration);
                return fail(ErrorKind::unreachable, "the stream stands still again");
            }
        }
    }
}

}  // namespace

bool reconnect(Context& context) { return Reconnection(context).run(); }

}  // namespace vmferry::engine
