// Confirm: the end of the source, or its way back.

#include "tests/sim/flow.hpp"

namespace vmferry::sim {

void Flow::release()
{
    if (m_at != At::held) {
        return;
    }
    m_at = At::confirm;
    m_stage.source_daemon.confirm_sent();
    send(
        Side::source, [this] { return confirm(); }, [this](const Result<>& /*done*/) { give_back({}); });
}

Result<> Flow::confirm()
{
    Domain& domain = m_stage.source.domain;
    m_stage.step("confirm");
    if (!domain.live || domain.live->job != Job::performed || domain.live->job_owner != m_owner) {
        return refused("no migration job");
    }
    m_stage.source_daemon.end_instance(StateReason::migrated, Cause::libvirt);
    return {};
}

Result<> Flow::confirm_cancelled()
{
    Domain& domain = m_stage.source.domain;
    m_stage.step("confirm-cancelled");
    if (drives_stream() || is_resume()) {
        return confirm_postcopy_failed();
    }
    domain.stream_completed = domain.stream_completed && !domain.live;
    if (!domain.live || domain.live->job == Job::none || domain.live->job_owner != m_owner) {
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
        Side::source, [this] { return confirm_cancelled(); },
        [this, why](const Result<>& /*done*/) { give_back(refused(why)); });
}

}  // namespace vmferry::sim
