// Begin at the source and Prepare at the target.

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_prepare = 100;  // QEMU starts at the target.

}  // namespace

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

}  // namespace vmferry::sim
