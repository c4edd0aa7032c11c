// What a point records: which faults would change nothing there.

#include "tests/sim/universe.hpp"

namespace vmferry::sim {

void Universe::record_point(PointKind kind, std::string_view name)
{
    PointRecord& record = m_record->emplace_back(PointRecord{kind, std::string(name), time.now(), {}});
    const auto types = fault_types();
    for (size_t i = 0; i < types.size(); ++i) {
        record.changes_nothing.set(i, changes_nothing(types[i]));
    }
}

bool Universe::changes_nothing(const FaultType& type) const
{
    const Machine& there = machines[index(type.side)];
    const Domain& domain = there.domain;
    const bool daemon_away = !there.power || !there.daemon;
    const Job job = domain.live ? domain.live->job : Job::none;
    switch (type.kind) {
    case FaultKind::tool_dies:
    case FaultKind::interrupt: return m_interrupt == nullptr;
    case FaultKind::power_off: return !there.power;
    case FaultKind::daemon_dies: return daemon_away;
    case FaultKind::reset: return !net.is_connected(type.side);
    case FaultKind::emulator_dies: return !domain.live;
    case FaultKind::guest_off: return !machines[0].domain.runs() && !machines[1].domain.runs();
    case FaultKind::human_resume: return daemon_away || !domain.live || job != Job::none || domain.runs();
    case FaultKind::human_suspend: return daemon_away || !domain.runs();
    case FaultKind::human_destroy: return daemon_away || !domain.live;
    case FaultKind::human_undefine: return daemon_away || !domain.definition;
    case FaultKind::human_start: return daemon_away || domain.live || !domain.definition;
    case FaultKind::human_abort: return daemon_away || (job != Job::perform && job != Job::foreign);
    case FaultKind::human_job: return daemon_away || !domain.live || job != Job::none;
    case FaultKind::human_unmark:
        return daemon_away ||
               !((domain.live && domain.live->marker) || (domain.definition && domain.definition->marker));
    default: return false;
    }
}

}  // namespace vmferry::sim
