#include "core/phases/watch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"
#include "core/engine/phase.hpp"
#include "core/phases/postcopy.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;
using world::MigrationEvent;

namespace {

/// How often the job's statistics are asked for. Never inside the switch window.
constexpr Milliseconds k_poll{250};
constexpr Milliseconds k_short_poll{20};

}  // namespace

Watch::Watch(Context& context)
    : m_context(context), m_start(context.world.clock.now()), m_moved_at(m_start), m_disks(context),
      m_convergence(context.plan.schedule)
{
    context.outcome.schedule = {context.plan.schedule, {}, m_convergence.downtime(), 0};
}

Result<> Watch::until_complete()
{
    while (true) {
        VMF_TRY(check_interrupt());
        VMF_TRY_ASSIGN(const bool complete, handle(m_context.migration->next(patience())));
        if (complete) {
            return {};
        }
        look_for_target(m_context);
        VMF_TRY(look_at_clock());
    }
}

Milliseconds Watch::patience() const
{
    return m_context.target_let_run && !m_context.outcome.downtime ? k_short_poll : k_poll;
}

/// In post-copy there is no way back that an operator could want.
Result<> Watch::check_interrupt() const
{
    return m_context.past_return ? Result<>{} : engine::check_interrupt(m_context);
}

/// True when libvirt says that the move is done, and it was meant to decide that.
Result<bool> Watch::call_returned() const
{
    const auto result = m_context.migration->result();
    if (result && !*result) {
        Error error =
            Error(result->error()).in(fmt::format("moving {} to {}", m_context.plan.vm_name, m_context.plan.target));
        if (m_context.plan.tls) {
            // The two emulators tell each other, not us, what they do not like about a certificate.
            return fail(std::move(error).with_next(
                "see QEMU's certificates on both hosts (default_tls_x509_cert_dir of qemu.conf); --tls-destination "
                "names the target as its certificate does"));
        }
        return fail(std::move(error));
    }
    if (m_context.plan.switch_mode == model::SwitchMode::guarded) {
        return fail(ErrorKind::unknown, "the migrate call returned although its last reply was not let through");
    }
    return true;
}

Result<bool> Watch::handle(MigrationEvent event)
{
    switch (event) {
    case MigrationEvent::held: m_context.reply_held = true; return true;
    case MigrationEvent::complete: return m_context.plan.switch_mode == model::SwitchMode::fence;
    case MigrationEvent::returned: return call_returned();
    case MigrationEvent::suspended:
        if (!m_context.stopped_at) {
            m_context.stopped_at = m_context.world.clock.now();
        }
        break;
    case MigrationEvent::source_lost:
        return fail(ErrorKind::unreachable, fmt::format("the connection to {} was lost", m_context.plan.source));
    case MigrationEvent::target_lost:
        return fail(ErrorKind::unreachable, fmt::format("the connection to {} was lost", m_context.plan.target));
    case MigrationEvent::finishing: answer_finish(m_context); break;
    case MigrationEvent::finish_failed:
    case MigrationEvent::woken: break;
    case MigrationEvent::timeout: VMF_TRY(look()); break;
    }
    return false;
}

Result<> Watch::look()
{
    // Inside the switch window the source is only waited for; its statistics take the domain's job.
    if (!in_window()) {
        if (const auto progress = m_context.migration->progress()) {
            VMF_TRY(look_at_progress(*progress));
        }
    }
    const Milliseconds since = m_context.world.clock.now() - (in_window() ? *m_context.stopped_at : m_moved_at);
    return since > m_context.plan.limits.no_progress ? stands_still(since) : Result<>{};
}

Result<> Watch::stands_still(Milliseconds since)
{
    if (m_context.target_let_run) {
        // The emulators notice a dead link only after many minutes; broken, the post-copy can be resumed.
        if (const auto control = m_context.control(Side::source)) {
            static_cast<void>(m_context.effect("break-postcopy:source",
                                               [&] { return (*control)->break_postcopy(m_context.plan.vm_uuid); }));
        }
    }
    return fail(ErrorKind::unreachable, fmt::format("the memory stream from {} to {} stands still for {} ms",
                                                    m_context.plan.source, m_context.plan.target, since.count()));
}

Result<> Watch::look_at_progress(const world::MigrationProgress& progress)
{
    const Milliseconds now = m_context.world.clock.now();
    if (m_disks.look(progress, now)) {
        m_start = m_moved_at = now;  // The limits of the memory count from its first byte.
        return m_disks.judge(now);
    }
    const bool moved = progress.processed_bytes != m_last.processed_bytes ||
                       progress.remaining_bytes != m_last.remaining_bytes || progress.total_bytes == 0;
    m_moved_at = moved ? now : m_moved_at;
    m_last = progress;
    m_context.outcome.memory_bytes_sent = progress.processed_bytes;
    m_context.outcome.passes = progress.iteration;
    unsigned& throttle = m_context.outcome.schedule->throttle_percent;
    throttle = std::max(throttle, progress.throttle_percent);
    if (const auto downtime = m_convergence.next_downtime(progress, now);
        downtime && !m_suspended && !m_context.past_return) {
        VMF_TRY(raise(*downtime));
    }
    if (m_convergence.hopeless() && m_context.plan.schedule.postcopy == model::PostCopy::allow) {
        VMF_TRY(switch_to_postcopy("the passes do not become smaller at the highest downtime limit: " + rates()));
    }
    m_context.reporter.progress(progress, m_convergence.downtime());
    return {};
}

std::string Watch::rates() const
{
    return fmt::format("dirty {}/s, link {}/s", format_size(m_last.dirty_bytes_per_s),
                       format_size(m_last.rate_bytes_per_s));
}

/// Durable before the act, and never while the guest stands: an act of the schedule comes before the switch.
Result<> Watch::note(const std::string& action, const std::string& reason)
{
    model::ScheduleTrace& trace = *m_context.outcome.schedule;
    const model::ScheduleStep step{.action = action,
                                   .at = m_context.world.clock.now() - m_start,
                                   .downtime = m_convergence.downtime(),
                                   .pass = m_last.iteration,
                                   .remaining_bytes = m_last.remaining_bytes,
                                   .dirty_bytes_per_s = m_last.dirty_bytes_per_s,
                                   .rate_bytes_per_s = m_last.rate_bytes_per_s,
                                   .reason = reason};
    VMF_TRY(m_context.record(journal::Kind::note, "schedule", model::to_json(step)));
    trace.steps.push_back(step);
    return {};
}

Result<> Watch::raise(Milliseconds downtime)
{
    VMF_TRY(note("raise-downtime", "the passes do not become smaller: " + rates()));
    VMF_TRY_ASSIGN(world::Controller * control, m_context.control(Side::source));
    // Not taken, the limit stays lower than it could be: nothing worse.
    const auto raised = m_context.effect("raise-downtime:source",
                                         [&] { return control->set_max_downtime(m_context.plan.vm_uuid, downtime); });
    if (raised) {
        m_context.outcome.schedule->downtime_limit = downtime;
    }
    return {};
}

/// A guest that stands will not dirty its memory any more: what remains is only waited for.
Result<> Watch::look_at_clock()
{
    if (m_context.stopped_at || m_suspended || m_context.past_return) {
        return {};
    }
    const Milliseconds limit = m_context.plan.limits.transaction;
    if (m_context.world.clock.now() - m_start > limit) {
        return out_of_time(fmt::format("within {}", format_duration(limit)), false);
    }
    if (m_convergence.stalled()) {
        return out_of_time(fmt::format("no pass was smaller for {}", format_duration(m_context.plan.schedule.stall)),
                           true);
    }
    return {};
}

Result<> Watch::out_of_time(const std::string& why, bool is_stall)
{
    const bool sent_once = m_last.iteration > 1;
    const std::string what = sent_once
                                 ? fmt::format("the memory did not converge ({}): {}", rates(), why)
                                 : fmt::format("the memory could not be sent once ({} of {} left, link {}/s): {}",
                                               format_size(m_last.remaining_bytes), format_size(m_last.total_bytes),
                                               format_size(m_last.rate_bytes_per_s), why);
    const model::Schedule& schedule = m_context.plan.schedule;
    if (schedule.on_timeout == model::OnTimeout::suspend) {
        return suspend_source(what);
    }
    const bool postcopy =
        schedule.on_timeout == model::OnTimeout::postcopy || (is_stall && schedule.postcopy == model::PostCopy::allow);
    if (postcopy && m_context.plan.may_postcopy()) {
        return switch_to_postcopy(what);
    }
    Error error = Error(ErrorKind::interrupted, what).with_id("VMF-M021");
    return sent_once ? fail(std::move(error))
                     : fail(std::move(error).with_next("the same with a longer --timeout, or over a faster link"));
}

/// libvirt calls a VM that is stopped during its migration "paused (migration)": if the move fails from here on,
/// libvirt or recovery resumes it like one that QEMU had stopped.
Result<> Watch::suspend_source(const std::string& why)
{
    VMF_TRY(note("suspend", why));
    VMF_TRY_ASSIGN(world::Controller * control, m_context.control(Side::source));
    m_suspended = true;
    m_context.stopped_at = m_context.world.clock.now();
    m_context.warn(fmt::format("{}; {} is suspended until the rest is sent", why, m_context.plan.vm_name));
    VMF_TRY(m_context.effect("suspend:source", [&] { return control->suspend(m_context.plan.vm_uuid); }));
    return {};
}

Result<> Watch::switch_to_postcopy(const std::string& why)
{
    if (m_context.past_return || m_context.stopped_at || !m_context.plan.may_postcopy()) {
        return {};
    }
    VMF_TRY(note("postcopy", why));
    m_moved_at = m_context.world.clock.now();
    return begin_postcopy(m_context, why);
}

}  // namespace vmferry::phases
