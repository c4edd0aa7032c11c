#include "tests/sim/libvirtd.hpp"

#include <algorithm>
#include <utility>

namespace vmferry::sim {

namespace {

constexpr Ms k_lock_patience = 30000;

Result<> refused(const char* what) { return fail(ErrorKind::failed, what); }
bool is_in_postcopy(const Instance& copy)
{
    return copy.reason == StateReason::postcopy || copy.reason == StateReason::postcopy_failed;
}

Result<> absent() { return fail(ErrorKind::not_found, "no such domain"); }

}  // namespace

Done Libvirtd::resume(Cause cause)
{
    if (!domain().exists()) {
        return absent();
    }
    if (!domain().live) {
        return refused("domain is not running");
    }
    if (job_blocks()) {
        return std::nullopt;
    }
    if (!domain().runs()) {
        start_cpus(cause);
    }
    return Result<>{};
}

Done Libvirtd::suspend(Cause /*cause*/)
{
    if (!domain().exists()) {
        return absent();
    }
    if (!domain().live) {
        return refused("domain is not running");
    }
    Instance& live = *domain().live;
    if (live.job == Job::incoming || locked()) {
        return std::nullopt;
    }
    if (domain().runs()) {
        live.state = RunState::paused;
        live.reason = StateReason::user;
        live.qemu = Qemu::paused;
    }
    return Result<>{};
}

Done Libvirtd::destroy(Cause cause)
{
    if (domain().live) {
        end_instance(StateReason::destroyed, cause);
    }
    return Result<>{};
}

Done Libvirtd::undefine(Cause cause)
{
    if (!domain().definition) {
        return Result<>{};
    }
    if (domain().live && cause == Cause::tool) {
        return refused("the domain is not off, so its definition stays");
    }
    domain().definition.reset();
    domain().autostart = false;
    return Result<>{};
}

Done Libvirtd::define_bolted(int content, const model::Marker& marker)
{
    if (domain().exists()) {
        return refused("the host knows a domain of that UUID already");
    }
    domain().definition = Definition{content, marker, true};
    return Result<>{};
}

Done Libvirtd::unbolt()
{
    if (!domain().definition) {
        return absent();
    }
    domain().definition->bolted = false;
    return Result<>{};
}

Done Libvirtd::start(Cause cause)
{
    if (domain().live || !domain().definition) {
        return refused("nothing to start");
    }
    if (domain().definition->bolted) {
        return refused("the emulator does not find a file");
    }
    Instance fresh;
    fresh.id = ++m_machine.last_id;
    fresh.content = domain().definition->content;
    fresh.marker = domain().definition->marker;
    fresh.memory = m_oracle.disk();
    fresh.fresh = true;
    domain().live = fresh;
    m_oracle.starts_running(m_side, cause);
    return Result<>{};
}

Done Libvirtd::set_autostart(bool on)
{
    if (!domain().exists()) {
        return absent();
    }
    if (!domain().definition) {
        return refused("cannot set autostart for transient domain");
    }
    if (locked()) {
        return std::nullopt;
    }
    domain().autostart = on;
    return Result<>{};
}

Done Libvirtd::set_marker(const std::optional<model::Marker>& marker, Cause cause)
{
    if (!domain().exists()) {
        return marker ? absent() : Result<>{};
    }
    if (job_blocks() && cause == Cause::tool) {
        return std::nullopt;
    }
    if (domain().live) {
        domain().live->marker = marker;
    }
    if (domain().definition) {
        domain().definition->marker = marker;
    }
    return Result<>{};
}

/// A setting of the running instance: waits for a job, as libvirt does.
Done Libvirtd::set_live(const std::function<void(Instance&)>& setting)
{
    if (!domain().exists()) {
        return absent();
    }
    if (!domain().live) {
        return refused("domain is not running");
    }
    if (domain().live->job == Job::incoming || locked()) {
        return std::nullopt;
    }
    setting(*domain().live);
    return Result<>{};
}

Done Libvirtd::set_max_downtime(uint64_t limit_ms)
{
    return set_live([limit_ms](Instance& live) { live.max_downtime_ms = limit_ms; });
}

Done Libvirtd::set_max_bandwidth(uint64_t limit_mib_s)
{
    return set_live([limit_mib_s](Instance& live) {
        live.max_bandwidth_mib_s = limit_mib_s;
        live.limit_settled = true;
        live.settled_limit_is_lost = false;
    });
}

void Libvirtd::foreign_job(Ms duration)
{
    if (!domain().live || domain().live->job != Job::none) {
        return;
    }
    domain().live->job = Job::foreign;
    m_time.in(duration, [this] {
        if (domain().live && domain().live->job == Job::foreign) {
            domain().live->job = Job::none;
            job_ended();
        }
    });
}

Done Libvirtd::abort_job(Cause cause)
{
    if (!domain().live || domain().live->job == Job::none) {
        return Result<>{};
    }
    if (domain().live->job == Job::incoming) {
        return refused("cannot abort incoming migration");
    }
    if (domain().live->job == Job::foreign && cause == Cause::tool) {
        return fail(ErrorKind::busy, "another job works on the domain");  // As core/libvirt's abort_job().
    }
    if (m_hooks.emulator_stuck()) {
        return std::nullopt;
    }
    if (domain().live->job == Job::perform) {
        m_hooks.job_aborted();
    } else if (domain().live->job == Job::foreign) {
        domain().live->job = Job::none;
        job_ended();
    }
    return Result<>{};
}

Done Libvirtd::start_postcopy()
{
    if (!domain().exists()) {
        return absent();
    }
    return m_hooks.emulator_stuck() ? Done(std::nullopt) : Done(m_hooks.postcopy_wanted());
}

Done Libvirtd::break_postcopy()
{
    if (!domain().exists()) {
        return absent();
    }
    return m_hooks.emulator_stuck() ? Done(std::nullopt) : Done(m_hooks.postcopy_broken());
}

void Libvirtd::incoming_complete(bool runs)
{
    Instance& live = *domain().live;
    live.reason = runs ? StateReason::migrated : StateReason::user;
    live.qemu = runs ? Qemu::running : Qemu::paused;
    live.job = Job::none;
    live.autodestroy = 0;
    job_ended();
}

Done Libvirtd::announce()
{
    if (!domain().exists()) {
        return absent();
    }
    return domain().live ? Result<>{} : refused("domain is not running");
}

Done Libvirtd::activate_images()
{
    if (!domain().exists()) {
        return absent();
    }
    if (!domain().live) {
        return refused("domain is not running");
    }
    if (job_blocks()) {
        return std::nullopt;
    }
    domain().live->images_active = true;
    return Result<>{};
}

void Libvirtd::wait_for_job(std::function<Done()> attempt, std::function<void(Result<>)> answer)
{
    m_waiting.push_back({m_time.now() + k_lock_patience, std::move(attempt), std::move(answer)});
}

void Libvirtd::job_ended()
{
    for (Waiting& waiting : std::exchange(m_waiting, {})) {
        if (m_time.now() > waiting.until) {
            waiting.answer(fail(ErrorKind::busy, "cannot acquire state change lock"));
        } else if (const Done done = waiting.attempt()) {
            waiting.answer(*done);
        } else {
            m_waiting.push_back(std::move(waiting));
        }
    }
}

void Libvirtd::lock(Ms until)
{
    m_locked_until = std::max(m_locked_until, until);
    m_time.at(until, [this] { job_ended(); });
}

void Libvirtd::start_cpus(Cause cause)
{
    Instance& live = *domain().live;
    live.state = RunState::running;
    live.reason = StateReason::other;
    live.qemu = Qemu::running;
    live.images_active = true;
    live.paused_by_user = live.paused_by_user && cause != Cause::human;
    m_oracle.starts_running(m_side, cause);
}

void Libvirtd::forget_instance()
{
    domain().live.reset();
    if (!domain().definition) {
        domain().autostart = false;
    }
    m_hooks.instance_ended();
    job_ended();
}

void Libvirtd::end_instance(StateReason reason, Cause cause)
{
    m_oracle.ends(m_side, cause);
    domain().off_reason = reason;
    forget_instance();
}

void Libvirtd::restore_source()
{
    if (!domain().live) {
        return;
    }
    Instance& live = *domain().live;
    live.job = Job::none;
    if (live.ran_before_job && live.state == RunState::paused) {
        start_cpus(Cause::libvirt);
    }
    job_ended();
}

/// An owner that goes away before Perform is done cancels the migration; later nobody knows any more.
void Libvirtd::connection_closed(int connection)
{
    if (!domain().live) {
        return;
    }
    Instance& live = *domain().live;
    if (live.autodestroy == connection) {
        end_instance(StateReason::destroyed, Cause::libvirt);
        return;
    }
    if (live.job_owner != connection || live.job == Job::none) {
        return;
    }
    if (is_in_postcopy(live)) {
        live.reason = StateReason::postcopy_failed;
        live.job_owner = 0;
        return;
    }
    if (live.job == Job::perform) {
        m_hooks.job_aborted();
        return;
    }
    live.job = Job::none;
    job_ended();
}

void Libvirtd::emulator_dies()
{
    if (domain().live) {
        m_oracle.copy_lost();
        domain().off_reason = StateReason::crashed;
        forget_instance();
    }
}

void Libvirtd::guest_off()
{
    if (domain().runs()) {
        domain().off_reason = StateReason::shutdown;
        forget_instance();
    }
}

void Libvirtd::daemon_dies()
{
    m_machine.daemon = false;
    ++m_runs;
    m_locked_until = 0;
    m_waiting.clear();
}

/// Only the memory of the daemon has them.
void Libvirtd::forget_jobs()
{
    domain().stream_completed = false;
    domain().job_pending = false;
}

/// qemuProcessRecoverMigration: cancels what was not done, ends what was incoming, forgets reasons.
void Libvirtd::daemon_starts()
{
    m_machine.daemon = true;
    forget_jobs();
    if (!domain().live) {
        domain().off_reason = StateReason::unknown;
        return;
    }
    domain().live->max_bandwidth_mib_s = model::k_no_speed_limit_mib_s;
    domain().live->settled_limit_is_lost = domain().live->limit_settled;
    recover_job();
    if (domain().live) {
        domain().live->autodestroy = 0;
        domain().live->job_owner = 0;
    }
}

void Libvirtd::recover_job()
{
    Instance& live = *domain().live;
    if (is_in_postcopy(live)) {
        live.reason = StateReason::postcopy_failed;
        if (live.job == Job::incoming && m_hooks.has_all_memory()) {
            incoming_complete(true);
        }
        return;
    }
    switch (live.job) {
    case Job::none: return;
    case Job::foreign:
    case Job::begin:
    case Job::performed: domain().live->job = Job::none; return;
    case Job::perform: m_hooks.job_aborted(); return;
    case Job::incoming: end_instance(StateReason::failed, Cause::libvirt); return;
    }
}

void Libvirtd::power_off()
{
    m_machine.power = false;
    ++m_runs;
    m_locked_until = 0;
    m_waiting.clear();
    m_machine.pools.clear();
    m_machine.last_id = 0;
    domain().off_reason = StateReason::unknown;
    forget_jobs();
    if (domain().live) {
        m_oracle.copy_lost();
        domain().live.reset();
        m_hooks.instance_ended();
    }
}

void Libvirtd::power_on()
{
    m_machine.power = true;
    m_machine.daemon = true;
    if (domain().autostart) {
        static_cast<void>(start(Cause::boot));
    }
}

}  // namespace vmferry::sim
