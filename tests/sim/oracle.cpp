#include "tests/sim/oracle.hpp"

#include <algorithm>

namespace vmferry::sim {

void Oracle::violate(std::string what)
{
    if (m_violations.size() < k_most_violations) {
        m_violations.push_back(std::to_string(m_time.now()) + " ms: " + std::move(what));
    }
}

void Oracle::starts_running(Side side, Cause cause)
{
    const Domain& there = m_machines[index(model::other(side))].domain;
    const Instance& here = *m_machines[index(side)].domain.live;
    // A copy that boots beside one that a human had started is his doing, too.
    const Side other = model::other(side);
    // So is one that he let run where the tool cannot look - without COMMIT nobody else would - or when the request was
    // on its way already, or the daemons do by themselves.
    const bool unasked = is_late(cause) || cause == Cause::libvirt;
    const bool unseen = m_human_ran[index(other)] && (unasked || !m_is_heard(other));
    const bool humans = cause == Cause::human || (cause == Cause::boot && m_human_at >= 0) || unseen;
    m_human_ran[index(side)] = cause == Cause::human;
    m_unseen[index(side)] = {.is_so = cause == Cause::human,
                             .shown = false,
                             .started_as = here.fresh ? std::optional(here.id) : std::nullopt};
    if (there.runs() && bolts) {
        violate("I1: two copies run, and one of them was to be bolted");
    } else if (there.runs() && (humans || excused())) {
        m_human_broke = true;
    } else if (price_is_two_copies && cause == Cause::libvirt && (there.runs() || !is_newest(here))) {
        m_price_paid = true;  // The other runs, or has run since and is gone.
    } else if (there.runs()) {
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
    if (copy.memory != m_disk && !excused() && !excuses_unseen()) {
        violate("I6: the copy on the " + std::string(to_string(side)) + " runs with memory older than its disk");
    }
    copy.memory = ++m_disk;
    m_writer = side;
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
    const bool garbage = side == Side::target && m_source_owns;
    if (cause == Cause::tool && halves_exist() && !excused()) {
        violate("half of the memory was ended on the " + std::string(to_string(side)));
    }
    if (!here.live || !is_newest(*here.live) || cause == Cause::boot || garbage) {
        return;
    }
    if (cause == Cause::human) {
        m_human_ended[index(side)] = true;
        return;
    }
    const Ms decided_at = cause == Cause::tool ? std::min(m_time.now(), m_sent_at) : m_time.now();
    const bool just_lost = decided_at - m_lost_at <= k_race;
    // A client or a daemon that dies before Finish was called ends what has arrived in post-copy: its price.
    const bool price = here.live->qemu == Qemu::postcopy;
    const bool libvirts = cause == Cause::libvirt && (price || is_libvirts_own(side, *here.live));
    const bool useless = cause == Cause::tool && ends_with_its_client(*here.live);
    if (!(there.live && is_newest(*there.live)) && !excused() && !just_lost && !libvirts && !useless &&
        !is_late(cause) && !(m_human_ended[index(Side::target)] && side == Side::source) && !excuses_unseen()) {
        violate("the only memory of the VM was ended on the " + std::string(to_string(side)));
    }
}

void Oracle::saw(Side side, const model::Observation& seen)
{
    Unseen& copy = m_unseen[index(side)];
    const bool anew = seen.active() && copy.started_as && seen.id == *copy.started_as;
    if (copy.is_so && (seen.state == RunState::running || anew)) {
        copy.is_so = false;
        copy.shown = true;
    }
}

void Oracle::tool_ended(bool kept)
{
    for (Unseen& copy : m_unseen) {
        copy.is_so = copy.is_so || (copy.shown && !kept);
        copy.shown = false;
    }
}

/// The newest memory is that of a copy that a human let run and the tool never saw: whatever comes of it is his. But a
/// guest that shut itself down has left what tells that it ran.
bool Oracle::excuses_unseen()
{
    const Domain& wrote = m_machines[index(m_writer)].domain;
    const bool trace = !wrote.live && wrote.definition && wrote.off_reason == StateReason::shutdown;
    const bool fences = m_fence_sent && m_writer == Side::source;
    if (!m_unseen[index(m_writer)].is_so || (trace && !fences)) {
        return false;
    }
    m_human_broke = true;
    return true;
}

/// Before Finish the target's copy is bound to its client, and nobody may let it run: once a host took the other copy,
/// libvirt ends it with the connection, and who does so before takes nothing from anybody.
bool Oracle::ends_with_its_client(const Instance& copy) const
{
    return copy.job == Job::incoming && (m_lost_at >= 0 || m_human_ended[index(Side::source)]);
}

/// Ends that the tool cannot keep libvirt from.
bool Oracle::is_libvirts_own(Side side, const Instance& copy) const
{
    return ends_with_its_client(copy) || (copy.job != Job::incoming && side == Side::source && m_confirm_is_due);
}

void Oracle::confirm_sent()
{
    const auto& there = m_machines[index(Side::target)].domain.live;
    m_confirm_is_due = (there && is_newest(*there)) || m_time.now() - m_lost_at <= k_race;
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

bool Oracle::halves_exist() const
{
    const auto& target = m_machines[index(Side::target)].domain.live;
    const auto& source = m_machines[index(Side::source)].domain.live;
    return target && target->partial && target->memory == m_disk && source && source->qemu == Qemu::postcopy;
}

bool Oracle::memory_exists() const
{
    if (halves_exist()) {
        return true;
    }
    for (const Machine& machine : m_machines) {
        if (machine.domain.live && !machine.domain.live->fresh && is_newest(*machine.domain.live)) {
            return true;
        }
    }
    return false;
}

}  // namespace vmferry::sim
