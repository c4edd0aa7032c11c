#include "tests/sim/oracle.hpp"

namespace vmferry::sim {

void Oracle::violate(std::string what)
{
    m_violations.push_back(std::to_string(m_time.now()) + " ms: " + std::move(what));
}

void Oracle::starts_running(Side side, Cause cause)
{
    const Domain& there = m_machines[index(model::other(side))].domain;
    if (there.runs() && cause == Cause::human) {
        m_human_broke = true;
    } else if (there.runs() && !excused()) {
        violate("I1: two copies run; the second was started on the " + std::string(to_string(side)));
    }
    execute(side);
}

void Oracle::execute()
{
    execute(Side::source);
    execute(Side::target);
}

void Oracle::execute(Side side)
{
    Machine& machine = m_machines[index(side)];
    if (!machine.domain.runs()) {
        return;
    }
    Instance& copy = *machine.domain.live;
    if (copy.memory != m_disk && !excused()) {
        violate("I6: the copy on the " + std::string(to_string(side)) + " runs with memory older than its disk");
    }
    copy.memory = ++m_disk;
    ++copy.instructions;
    if (!copy.has_run) {
        copy.has_run = true;
        for (auto& [path, content] : machine.files) {
            content = content == k_template ? copy.content : content;
        }
    }
}

void Oracle::ends(Side side, Cause cause)
{
    const Domain& here = m_machines[index(side)].domain;
    const Domain& there = m_machines[index(model::other(side))].domain;
    if (cause == Cause::human || cause == Cause::boot || !here.live || !is_newest(*here.live)) {
        return;
    }
    const bool just_lost = m_time.now() - m_lost_at <= k_race;
    if (!(there.live && is_newest(*there.live)) && !excused() && !just_lost) {
        violate("the only memory of the VM was ended on the " + std::string(to_string(side)));
    }
}

void Oracle::removes_nvram(Side side, const std::string& path)
{
    const auto& there = m_machines[index(model::other(side))].files;
    const auto& here = m_machines[index(side)].files;
    const auto content = [&](const auto& files) {
        const auto found = files.find(path);
        return found == files.end() ? k_template : found->second;
    };
    if (content(here) != k_template && content(there) == k_template) {
        violate("the only good NVRAM file was removed on the " + std::string(to_string(side)));
    }
}

bool Oracle::memory_exists() const
{
    for (const Machine& machine : m_machines) {
        if (machine.domain.live && is_newest(*machine.domain.live)) {
            return true;
        }
    }
    return false;
}

}  // namespace vmferry::sim
