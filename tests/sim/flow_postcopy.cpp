// Post-copy: the part of a migrate call, and of the two emulators, that comes after the switch.

#include <utility>

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_portion = 300;
constexpr Ms k_retry = 100;

bool in_postcopy(const Domain& domain)
{
    return domain.live &&
           (domain.live->reason == StateReason::postcopy || domain.live->reason == StateReason::postcopy_failed);
}

}  // namespace

Result<> Flow::start_postcopy()
{
    if (!performing() || m_request.postcopy == world::PostCopyCall::none) {
        return refused("no outgoing migration that may be switched to post-copy");
    }
    m_postcopy_wanted = true;
    return {};
}

/// QEMU's migrate-pause: only while it takes the stream to be well.
Result<> Flow::break_postcopy()
{
    Split& split = m_stage.split;
    if (!in_postcopy(m_stage.source.domain) || split.arrived || split.source_broken) {
        return refused("migrate-pause is only possible in post-copy");
    }
    split.source_broken = true;
    m_stage.source.domain.live->reason = StateReason::postcopy_failed;
    return {};
}

/// The source stops for good. libvirt's Perform is over with that.
void Flow::split()
{
    if (m_stage.step("split")) {
        perform_fails();
        return;
    }
    Domain& there = m_stage.target.domain;
    if (!performing() || !there.live || there.live->job != Job::incoming) {
        perform_fails();
        return;
    }
    Instance& here = *m_stage.source.domain.live;
    here.state = RunState::paused;
    here.reason = StateReason::postcopy;
    here.qemu = Qemu::postcopy;
    here.images_active = false;
    here.partial = true;  // Whatever it still has: QEMU does not let it go on.
    here.job = Job::performed;
    there.live->memory = here.memory;
    there.live->fresh = here.fresh;
    there.live->loaded = true;
    there.live->partial = true;
    there.live->qemu = Qemu::postcopy;
    m_stage.net.reply(m_source_connection, [this] { push(world::MigrationEvent::suspended); });
    m_stage.split.left = m_stage.guest.portions;
    m_stage.split.let_run = m_stage.split.arrived = false;
    m_stage.split.finish = {};
    begin_stream();
    answer_perform({});
}

void Flow::begin_stream()
{
    m_stream = ++m_stage.split.stream;
    m_stage.split.source_broken = false;
    m_stage.split.target_broken = false;
    m_stage.time.in(k_portion, [this, number = m_stream] { stream(number); });
}

void Flow::stream(int number)
{
    Split& split = m_stage.split;
    if (number != split.stream || !m_stage.source.domain.live || !m_stage.target.domain.live || split.arrived) {
        return;
    }
    if (!m_stage.net.stream_works()) {
        m_stage.time.in(k_retry, [this, number] { stream(number); });
        return;
    }
    if (split.source_broken) {
        target_breaks();
        return;
    }
    if (--split.left == 0) {
        all_arrived();
        return;
    }
    m_stage.time.in(k_portion, [this, number] { stream(number); });
}

void Flow::all_arrived()
{
    m_stage.split.arrived = true;
    Instance& here = *m_stage.source.domain.live;
    m_stage.target.domain.live->partial = false;
    here.qemu = Qemu::postmigrate;
    target_complete();
    // Nobody waits for it any more: the daemon ends it by itself.
    if (here.reason == StateReason::postcopy_failed && here.job_owner == 0 && m_stage.source_daemon_works()) {
        m_stage.source_daemon.end_instance(StateReason::migrated, Cause::libvirt);
    }
}

void Flow::target_complete()
{
    Domain& there = m_stage.target.domain;
    const bool waited_for = m_stage.split.finish || m_stage.split.let_run;
    if (!waited_for || !m_stage.target.power || !m_stage.target.daemon || !there.live) {
        return;  // Finish has not been called yet, or its daemon sees it when it starts.
    }
    m_stage.target_daemon.incoming_complete(m_stage.split.let_run);
    if (const Answer answer = std::exchange(m_stage.split.finish, {})) {
        answer({});
    }
}

void Flow::target_breaks()
{
    Split& split = m_stage.split;
    Domain& there = m_stage.target.domain;
    split.target_broken = true;
    if (there.live && !split.let_run) {
        // A Finish that fails before it has started the guest ends the domain.
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
        return;
    }
    if (there.live) {
        there.live->reason = StateReason::postcopy_failed;
    }
    if (const Answer answer = std::exchange(split.finish, {})) {
        answer(refused("Finish failed in post-copy"));
    }
}

/// One of the two emulators has gone; the other sees it if the link between them works.
void Flow::half_lost(Side role)
{
    Split& split = m_stage.split;
    if (role == Side::source) {
        if (!split.arrived && m_stage.target.domain.live && m_stage.net.stream_works()) {
            target_breaks();
        }
        return;
    }
    if (in_postcopy(m_stage.source.domain) && !split.arrived && m_stage.net.stream_works()) {
        split.source_broken = true;
        m_stage.source.domain.live->reason = StateReason::postcopy_failed;
    }
    if (const Answer answer = std::exchange(split.finish, {}); answer && m_stage.target.power) {
        answer(refused("Finish failed: domain is gone"));
    }
}

void Flow::finish_postcopy(const Answer& answer)
{
    Domain& there = m_stage.target.domain;
    const bool refuse = m_stage.step("finish-postcopy");
    if (!there.live || there.live->job != Job::incoming) {
        answer(refused("Finish failed: domain is gone"));
        return;
    }
    if (refuse && !is_resume()) {
        m_stage.target_daemon.end_instance(StateReason::failed, Cause::libvirt);
        answer(refused("Finish failed"));
        return;
    }
    there.live->autodestroy = 0;  // A client that goes away does not end a Finish.
    m_stage.split.finish = answer;
    if (!is_resume() && m_request.persist) {
        there.definition = Definition{there.live->content, m_request.target_marker};
    }
    if (!is_resume() && m_let_run) {
        m_stage.split.let_run = true;
        m_stage.target_daemon.start_cpus(Cause::libvirt);
        there.live->reason = StateReason::postcopy;
    }
    if (m_stage.split.arrived) {
        target_complete();
    } else if (m_stage.split.target_broken) {
        target_breaks();
    }
}

/// A call that failed leaves a post-copy as it is; libvirt waits for one that resumes it.
Result<> Flow::confirm_postcopy_failed()
{
    Domain& domain = m_stage.source.domain;
    if (!in_postcopy(domain)) {
        return refused("no migration job");
    }
    if (m_stage.split.arrived) {
        m_stage.source_daemon.end_instance(StateReason::migrated, Cause::libvirt);
        return {};
    }
    domain.live->reason = StateReason::postcopy_failed;
    domain.live->job_owner = 0;
    return refused("post-copy failed");
}

Result<> Flow::begin_again()
{
    Domain& domain = m_stage.source.domain;
    if (m_stage.step("begin-again") || !in_postcopy(domain) || domain.live->job_owner != 0 ||
        !m_stage.split.source_broken || !m_stage.net.server_open(m_source_connection)) {
        return refused("QEMU reports migration is still running");
    }
    domain.live->job_owner = m_source_connection;
    return {};
}

Result<> Flow::prepare_again()
{
    Domain& domain = m_stage.target.domain;
    if (m_stage.step("prepare-again") || !in_postcopy(domain) || !m_stage.split.target_broken ||
        !m_stage.net.server_open(m_driver)) {
        return refused("QEMU reports migration is still running");
    }
    return {};
}

void Flow::perform_again()
{
    Domain& here = m_stage.source.domain;
    Domain& there = m_stage.target.domain;
    if (m_stage.step("perform-again") || !in_postcopy(here) || !in_postcopy(there) || !m_stage.net.stream_works()) {
        answer_perform(refused("the stream cannot be put together again"));
        return;
    }
    here.live->reason = StateReason::postcopy;
    there.live->reason = StateReason::postcopy;
    begin_stream();
    answer_perform({});
}

}  // namespace vmferry::sim
