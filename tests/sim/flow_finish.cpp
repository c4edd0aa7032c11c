// Finish at the target, and what the relay does with its reply.

#include <utility>

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

using world::MigrationEvent;

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
    tell_complete();
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
    if (m_route == world::Route::held) {
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

void Flow::cancel_target(const char* why)
{
    m_at = At::cancel_target;
    call_finish([this, why] {
        send(
            Side::target, [this] { return finish_cancelled(); },
            [this, why](const Result<>& /*done*/) {
                push(MigrationEvent::finish_failed);
                give_back(refused(why));
            });
    });
}

void Flow::call_finish(std::function<void()> call)
{
    if (!std::exchange(m_keep_finish, false)) {
        call();
        return;
    }
    m_waiting_call = std::move(call);
    push(MigrationEvent::finishing);
}

void Flow::pass_finish(bool start)
{
    m_keep_finish = false;
    m_let_run = start;
    if (const auto call = std::exchange(m_waiting_call, {}); call && m_client) {
        call();
    }
}

void Flow::drop()
{
    if (m_route != world::Route::held) {
        return;
    }
    m_seen.insert(MigrationEvent::target_lost);
    m_stage.net.close(m_driver);
    client_lost(m_driver);
    if (m_at == At::held) {
        cancel_source("the reply of Finish was dropped");
    }
}

/// libvirt starts what ran before, unless it is told not to; else an event tells that it stands.
void Flow::tell_complete()
{
    if (!m_request.start_paused && m_request.live) {
        m_stage.target_daemon.start_cpus(Cause::libvirt);
    } else if (m_request.fence && m_stage.net.client_open(m_target_connection)) {
        m_stage.net.reply(m_target_connection, [this] { push(MigrationEvent::complete); });
    }
}

}  // namespace vmferry::sim
