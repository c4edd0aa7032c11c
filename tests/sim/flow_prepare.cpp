// Begin at the source and Prepare at the target.

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_prepare = 100;  // QEMU starts at the target.

}  // namespace

Result<> Flow::begin()
{
    Domain& domain = m_stage.source.domain;
    if (is_resume()) {
        return begin_again();
    }
    if (m_stage.step("begin") || !domain.live || domain.live->job != Job::none ||
        (!drives_itself() && !m_stage.net.server_open(m_source_connection))) {
        return refused("Begin failed");
    }
    if (domain.live->qemu == Qemu::postmigrate) {
        return refused("Can't migrate the vm that was paused due to previous migration");
    }
    domain.live->job = Job::begin;
    domain.live->job_owner = m_owner;
    domain.job_pending = drives_itself();
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
            Side::target, [this] { return prepare(); }, [this](const Result<>& prepared) { after_prepare(prepared); });
    });
}

Result<> Flow::prepare()
{
    Domain& domain = m_stage.target.domain;
    if (is_resume()) {
        return prepare_again();
    }
    if (m_stage.step("prepare") || domain.live || (!drives_itself() && !m_stage.net.server_open(m_driver))) {
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
    const auto start = [this] {
        if (auto started = start_perform(); !started) {
            answer_perform(started);
        }
    };
    if (drives_itself()) {
        start();
    } else if (!m_stage.net.client_open(m_source_connection)) {
        after_perform(refused("client socket is closed"));
    } else {
        m_stage.net.request(m_source_connection, start);
    }
}

/// It comes when the memory has been sent, or cannot be.
void Flow::answer_perform(const Result<>& performed)
{
    const auto arrive = [this, performed] {
        if (m_client && m_at == At::perform) {
            after_perform(performed);
        }
    };
    if (drives_itself()) {
        m_stage.time.in(1, arrive);
    } else {
        m_stage.net.reply(m_source_connection, arrive);
    }
}

}  // namespace vmferry::sim
