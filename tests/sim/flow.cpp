#include "tests/sim/flow.hpp"

#include <utility>

namespace vmferry::sim {

using world::MigrationEvent;

namespace {

constexpr Ms k_prepare = 100;  // QEMU starts at the target.
constexpr Ms k_pass = 300;
constexpr Ms k_retry = 100;
constexpr Ms k_rest = 30;  // The remaining set and the device state.
constexpr uint64_t k_total = 1000;

Result<> refused(const char* what) { return fail(ErrorKind::failed, what); }

}  // namespace

Flow::Flow(Stage stage, int source_connection, int driver, world::MigrationRequest request)
    : m_stage(std::move(stage)), m_source_connection(source_connection), m_driver(driver), m_request(std::move(request))
{
}

void Flow::push(MigrationEvent event)
{
    if (m_client && (event == MigrationEvent::woken || m_seen.insert(event).second)) {
        m_events.push_back(event);
    }
}

/// One call of the protocol. Its answer is dropped when the client no longer waits for it.
void Flow::send(int connection, std::function<Result<>()> effect, std::function<void(Result<>)> answered)
{
    if (!m_client) {
        return;
    }
    if (!m_stage.net.client_open(connection)) {
        answered(refused("client socket is closed"));
        return;
    }
    const At at = m_at;
    auto deliver = [this, at, answered = std::move(answered)](const Result<>& done) {
        if (m_client && m_at == at) {
            answered(done);
        }
    };
    m_stage.net.request(connection, [this, connection, effect = std::move(effect), deliver] {
        Result<> done = effect();
        m_stage.net.reply(connection, [deliver, done = std::move(done)] { deliver(done); });
    });
}

void Flow::start(world::Route route)
{
    m_holds = route == world::Route::held;
    send(
        m_source_connection, [this] { return begin(); }, [this](const Result<>& done) { after_begin(done); });
}

Result<> Flow::begin()
{
    Domain& domain = m_stage.source.domain;
    if (m_stage.step("begin") || !domain.live || domain.live->job != Job::none ||
        !m_stage.net.server_open(m_source_connection)) {
        return refused("Begin failed");
    }
    if (domain.live->qemu == Qemu::postmigrate) {
        return refused("Can't migrate the vm that was paused due to previous migration");
    }
    domain.live->job = Job::begin;
    domain.live->job_owner = m_source_connection;
    domain.live->ran_before_job = domain.live->state == RunState::running;
    return {};
}

void Flow::after_begin(const Result<>& done)
{
    if (!done) {
        give_back(done);
        return;
    }
    m_at = At::prepare;
    // The start of QEMU takes its time.
    m_stage.time.in(k_prepare, [this] {
        send(
            m_driver, [this] { return prepare(); }, [this](const Result<>& prepared) { after_prepare(prepared); });
    });
}

Result<> Flow::prepare()
{
    Domain& domain = m_stage.target.domain;
    if (m_stage.step("prepare") || domain.live || !m_stage.net.server_open(m_driver)) {
        return refused("Prepare failed");
    }
    if (m_stage.guest.nvram) {
        m_stage.target.files.try_emplace(m_stage.guest.nvram_path, k_template);
    }
    Instance incoming;
    incoming.id = ++m_stage.target.last_id;
    incoming.state = RunState::paused;
    incoming.reason = StateReason::migration;
    incoming.qemu = Qemu::incoming;
    incoming.marker = m_request.target_marker;
    incoming.content = m_stage.source.domain.live ? m_stage.source.domain.live->content : 0;
    incoming.loaded = false;
    incoming.images_active = false;
    incoming.job = Job::incoming;
    incoming.autodestroy = m_driver;
    domain.live = incoming;
    return {};
}

void Flow::after_prepare(const Result<>& done)
{
    if (!done) {
        cancel_source("Prepare failed");
        return;
    }
    m_at = At::perform;
    // The answer comes when the memory has been sent, or cannot be.
    m_perform_answered = [this](const Result<>& performed) {
        m_stage.net.reply(m_source_connection, [this, performed] {
            if (m_client && m_at == At::perform) {
                after_perform(performed);
            }
        });
    };
    if (!m_stage.net.client_open(m_source_connection)) {
        after_perform(refused("client socket is closed"));
        return;
    }
    m_stage.net.request(m_source_connection, [this] {
        if (auto started = start_perform(); !started) {
            m_perform_answered(started);
        }
    });
}

Result<> Flow::start_perform()
{
    Domain& domain = m_stage.source.domain;
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
    return domain.live && domain.live->job == Job::perform && domain.live->job_owner == m_source_connection;
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
    ++m_iteration;
    m_processed += k_total;
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
    m_perform_answered({});
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
    m_perform_answered(refused("migration failed"));
}

void Flow::source_cancelled() { perform_fails(); }

void Flow::instance_ended(Side role)
{
    const Domain& there = m_stage.target.domain;
    if (role == Side::target) {
        if (performing() && m_stage.net.stream_works()) {
            perform_fails();
        }
        return;
    }
    if (m_stage.net.stream_works() && there.live && there.live->job == Job::incoming && !there.live->loaded) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
    }
    if (m_at == At::perform && m_perform_answered && m_stage.source.power) {
        m_perform_answered(refused("domain is not running"));
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
    send(
        m_driver, [this] { return finish(); }, [this](const Result<>& finished) { after_finish(finished); });
}

Result<> Flow::finish()
{
    Domain& domain = m_stage.target.domain;
    const bool refuse = m_stage.step("finish");
    if (!domain.live || domain.live->job != Job::incoming || !domain.live->loaded) {
        return refused("Finish failed: domain is gone");
    }
    if (refuse) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
        return refused("Finish failed");
    }
    if (m_request.persist) {
        domain.definition = Definition{domain.live->content, m_request.target_marker};
    }
    // From here on libvirt leaves the definition behind (H8).
    if (m_stage.step("finish-late")) {
        if (domain.live) {
            m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
        }
        return refused("Finish failed after the definition was saved");
    }
    if (!domain.live || domain.live->job != Job::incoming) {
        return refused("Finish failed: domain is gone");
    }
    domain.live->reason = StateReason::user;
    domain.live->job = Job::none;
    domain.live->autodestroy = 0;
    m_stage.target_daemon.job_ended();
    return {};
}

void Flow::after_finish(const Result<>& done)
{
    if (!done) {
        push(MigrationEvent::finish_failed);
        cancel_source("Finish failed");
        return;
    }
    m_at = At::held;
    if (m_holds) {
        push(MigrationEvent::held);
    } else {
        release();
    }
}

Result<> Flow::finish_cancelled()
{
    Domain& domain = m_stage.target.domain;
    if (domain.live && domain.live->job == Job::incoming) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
    }
    return refused("cancelled");
}

Result<> Flow::confirm()
{
    Domain& domain = m_stage.source.domain;
    m_stage.step("confirm");
    if (!domain.live || domain.live->job != Job::performed || domain.live->job_owner != m_source_connection) {
        return refused("no migration job");
    }
    m_stage.source_daemon.end_instance(StateReason::migrated, Cause::libvirt);
    return {};
}

Result<> Flow::confirm_cancelled()
{
    Domain& domain = m_stage.source.domain;
    m_stage.step("confirm-cancelled");
    if (!domain.live || domain.live->job == Job::none || domain.live->job_owner != m_source_connection) {
        return refused("no migration job");
    }
    m_stage.source_daemon.restore_source();
    return {};
}

/// libvirt decides that the source goes on.
void Flow::cancel_source(const char* why)
{
    m_at = At::cancel_source;
    send(
        m_source_connection, [this] { return confirm_cancelled(); },
        [this, why](const Result<>& /*done*/) { give_back(refused(why)); });
}

void Flow::cancel_target(const char* why)
{
    m_at = At::cancel_target;
    send(
        m_driver, [this] { return finish_cancelled(); },
        [this, why](const Result<>& /*done*/) {
            push(MigrationEvent::finish_failed);
            give_back(refused(why));
        });
}

void Flow::give_back(Result<> result)
{
    m_at = At::returned;
    m_result = std::move(result);
    push(MigrationEvent::returned);
}

void Flow::release()
{
    if (m_at != At::held) {
        return;
    }
    m_at = At::confirm;
    m_stage.source_daemon.confirm_sent();
    send(
        m_source_connection, [this] { return confirm(); }, [this](const Result<>& /*done*/) { give_back({}); });
}

void Flow::drop()
{
    if (!m_holds) {
        return;
    }
    m_seen.insert(MigrationEvent::target_lost);
    m_stage.net.close(m_driver);
    client_lost(m_driver);
    if (m_at == At::held) {
        cancel_source("the reply of Finish was dropped");
    }
}

void Flow::client_lost(int connection)
{
    if (!m_client) {
        return;
    }
    if (connection == m_driver) {
        push(MigrationEvent::target_lost);
        // While a good reply is held, the relay lets libvirt see nothing of this.
        if (m_at == At::prepare || m_at == At::finish) {
            cancel_source("connection to the target lost");
        } else if (m_at == At::cancel_target) {
            give_back(refused("connection to the target lost"));
        }
        return;
    }
    if (connection != m_source_connection) {
        return;
    }
    switch (m_at) {
    case At::begin:
    case At::cancel_source: give_back(refused("connection to the source lost")); break;
    case At::perform: cancel_target("connection to the source lost"); break;
    case At::confirm: give_back({}); break;
    default: break;
    }
}

world::MigrationProgress Flow::progress() const
{
    world::MigrationProgress progress;
    progress.total_bytes = k_total;
    progress.processed_bytes = m_processed;
    progress.iteration = m_iteration;
    return progress;
}

}  // namespace vmferry::sim
