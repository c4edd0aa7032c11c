// Perform: the memory goes over, until the emulators are done or cannot be.

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

using world::MigrationEvent;

namespace {

constexpr Ms k_pass = 300;
constexpr Ms k_retry = 100;
constexpr Ms k_rest = 30;  // The remaining set and the device state.

}  // namespace

Result<> Flow::start_perform()
{
    Domain& domain = m_stage.source.domain;
    if (is_resume()) {
        perform_again();
        return {};
    }
    if (!domain.live || domain.live->job != Job::begin) {
        return refused("Perform failed");
    }
    domain.live->job = Job::perform;
    if (m_stage.step("perform")) {
        perform_fails();
        return {};
    }
    m_stage.time.in(k_pass, [this] { pass(); });
    return {};
}

bool Flow::performing() const
{
    const Domain& domain = m_stage.source.domain;
    return domain.live && domain.live->job == Job::perform && domain.live->job_owner == m_owner;
}

void Flow::pass()
{
    if (!performing()) {
        return;
    }
    // pause-before-switchover: QEMU goes no further without its daemon.
    const bool converged = m_iteration >= static_cast<uint64_t>(m_stage.guest.passes) &&
                           m_stage.source.domain.live->max_downtime_ms >= m_stage.guest.needs_downtime_ms;
    if (!m_stage.net.stream_works() || (converged && !m_stage.source_daemon_works())) {
        m_stage.time.in(k_retry, [this] { pass(); });
        return;
    }
    if (converged) {
        stop();
        return;
    }
    if (m_postcopy_wanted) {
        split();
        return;
    }
    ++m_iteration;
    m_processed += k_total_bytes;
    m_stage.time.in(k_pass, [this] { pass(); });
}

void Flow::stop()
{
    if (m_stage.step("stop")) {
        perform_fails();
        return;
    }
    if (!performing()) {
        return;
    }
    Instance& live = *m_stage.source.domain.live;
    if (!live.images_active) {
        // QEMU 7.2: an assertion fails at both ends.
        m_stage.source_daemon.emulator_dies();
        return;
    }
    if (live.state == RunState::running) {
        live.state = RunState::paused;
        live.reason = StateReason::migration;
        m_stage.net.reply(m_source_connection, [this] { push(MigrationEvent::suspended); });
    }
    live.qemu = Qemu::finishing;
    m_stage.time.in(k_rest, [this] { load(); });
}

void Flow::load()
{
    if (!performing()) {
        return;
    }
    if (!m_stage.net.stream_works()) {
        m_stage.time.in(k_retry, [this] { load(); });
        return;
    }
    Domain& there = m_stage.target.domain;
    if (m_stage.step("load") || !performing() || !there.live || there.live->job != Job::incoming) {
        perform_fails();
        return;
    }
    Instance& here = *m_stage.source.domain.live;
    there.live->memory = here.memory;
    there.live->fresh = here.fresh;
    there.live->loaded = true;
    there.live->qemu = Qemu::paused;
    there.live->images_active = false;
    here.qemu = Qemu::postmigrate;
    here.images_active = true;
    performed();
}

void Flow::performed()
{
    if (!performing()) {
        return;
    }
    if (!m_stage.source_daemon_works()) {
        m_stage.time.in(k_retry, [this] { performed(); });
        return;
    }
    m_stage.source.domain.live->job = Job::performed;
    m_stage.source.domain.stream_completed = true;
    answer_perform({});
}

/// The source's side of a failed Perform; the target's emulator sees its stream end.
void Flow::perform_fails()
{
    if (!performing()) {
        return;
    }
    m_stage.source_daemon.restore_source();
    if (m_stage.source.domain.live) {
        m_stage.source.domain.live->job_owner = 0;
        if (m_stage.source.domain.live->qemu == Qemu::finishing) {
            m_stage.source.domain.live->qemu = Qemu::paused;
        }
    }
    const Domain& there = m_stage.target.domain;
    if (m_stage.net.stream_works() && there.live && there.live->job == Job::incoming) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
    }
    answer_perform(refused("migration failed"));
}

void Flow::source_cancelled() { perform_fails(); }

void Flow::instance_ended(Side role)
{
    const Domain& there = m_stage.target.domain;
    if (drives_stream()) {
        half_lost(role);
        return;
    }
    if (role == Side::target) {
        if (performing() && m_stage.net.stream_works()) {
            perform_fails();
        }
        return;
    }
    if (m_stage.net.stream_works() && there.live && there.live->job == Job::incoming && !there.live->loaded) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
    }
    if (m_at == At::perform && m_stage.source.power) {
        answer_perform(refused("domain is not running"));
    }
}

void Flow::after_perform(const Result<>& done)
{
    if (!done) {
        cancel_target("Perform failed");
        return;
    }
    m_at = At::finish;
    if (!m_request.live) {
        push(MigrationEvent::suspended);
    }
    call_finish([this] {
        const auto finished = [this](const Result<>& answer) { after_finish(answer); };
        if (m_stream != 0) {
            send_slow(
                Side::target, [this](const Answer& to) { finish_postcopy(to); }, finished);
        } else {
            send(
                Side::target, [this] { return finish(); }, finished);
        }
    });
}

}  // namespace vmferry::sim
