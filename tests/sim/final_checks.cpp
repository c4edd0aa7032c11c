#include "tests/sim/final_checks.hpp"

namespace vmferry::sim {

Inventory Inventory::of(const Universe& universe)
{
    return {{universe.machines[0], universe.machines[1]}, universe.shared_files};
}

void FinalChecks::expect(bool held, const std::string& what)
{
    if (!held) {
        m_universe.oracle.violate("at the end: " + what);
    }
}

void FinalChecks::check(int open_debts)
{
    if (!m_journal.begun) {
        expect_untouched();
        return;
    }
    switch (m_universe.harm()) {
    case Harm::none: check_definite(open_debts); break;
    case Harm::memory: check_memory_stories(open_debts); break;
    case Harm::human: break;
    }
}

/// Nothing was lost, so the VM is in one of its two places, and nothing is left over (I3, I4, I5, I10).
void FinalChecks::check_definite(int open_debts)
{
    const std::string& outcome = m_journal.outcome;
    if (outcome.empty() && is_price_of_waiting()) {
        return;
    }
    expect(open_debts == 0, "I5: debts are left");
    if (outcome == "lost" && is_price_of_postcopy()) {
        return;
    }
    if (outcome == "committed") {
        expect_at_target(Side::target);
    } else if (outcome == "rolled-back" || outcome == "refused" || outcome == "rolled-back-debts") {
        // Debts that were paid by a process that could not write its END.
        expect_as_before();
    } else {
        expect(false, "I10: the outcome is '" + outcome + "'");
    }
}

/// Moved without the guard, the source ends before it is proved that the target owns the VM: a restart of its daemon
/// forgets how it ended, and the death of the tool what the tool saw. Then nothing proves that the target's copy is the
/// newest, and it is kept, in doubt. A daemon that drives the move itself remembers what the tool saw.
bool FinalChecks::is_price_of_waiting() const
{
    using model::SwitchMode;
    const Domain& source = m_universe.machine(Side::source).domain;
    const auto& copy = m_universe.machine(Side::target).domain.live;
    if (m_shape.switch_mode == SwitchMode::native) {
        // It may have run, as far as anybody can tell, once its definition was saved.
        const Domain& target = m_universe.machine(Side::target).domain;
        const bool may_have_run = source.live && !source.runs() && target.definition && !target.live;
        return m_universe.oracle.price_was_paid() || may_have_run;
    }
    const bool fenced = m_shape.switch_mode == SwitchMode::fence;
    const bool forgotten = fenced ? !(m_shape.peer_to_peer && source.stream_completed) : !m_journal.commit;
    return m_shape.switch_mode != SwitchMode::guarded && forgotten && !m_journal.resumed && !source.live && copy &&
           copy->loaded;
}

/// Or the daemon has restarted since the tool set it.
bool FinalChecks::has_its_speed_limit(const Instance& live) const
{
    const auto& wanted = m_journal.max_bandwidth_mib_s;
    return !wanted || live.max_bandwidth_mib_s == *wanted || live.settled_limit_is_lost;
}

bool has_marker(const Universe& universe)
{
    for (const Machine& machine : universe.machines) {
        const Domain& domain = machine.domain;
        if ((domain.live && domain.live->marker) || (domain.definition && domain.definition->marker)) {
            return true;
        }
    }
    return false;
}

void FinalChecks::check_after_loss(int open_debts)
{
    m_lost = true;
    if (m_universe.harm() == Harm::human) {
        return;
    }
    if (m_shape.off) {
        // Only its journal tells of COMMIT; the bolt is what holds without it.
        const Domain& source = m_universe.machine(Side::source).domain;
        const Domain& target = m_universe.machine(Side::target).domain;
        expect(source.definition || target.definition, "the VM has no definition any more");
        expect(!source.definition || !target.definition || target.definition->bolted, "both hosts could start it");
        return;
    }
    const bool open = m_journal.begun ? m_journal.outcome.empty() : has_marker(m_universe);
    if (open) {
        // A transient copy that ended leaves nothing behind that tells whether it ran. And a source in post-copy keeps
        // libvirt's job, in which the markers see somebody at work.
        const auto& source = m_universe.machine(Side::source).domain.live;
        const bool in_postcopy = source && source->partial;
        expect(!m_shape.persistent || m_shape.switch_mode != model::SwitchMode::guarded || in_postcopy ||
                   m_universe.harm() == Harm::memory,
               "I10: it stays in doubt");
        return;
    }
    // The moment in which a paused VM runs was only in the journal; that it is not as before is said.
    const bool said = m_shape.paused && m_journal.outcome == "not-as-before";
    if (m_universe.harm() == Harm::memory || said) {
        return;
    }
    expect(open_debts == 0, "I5: debts are left");
    if (m_universe.machine(Side::target).domain.live) {
        expect_at_target(Side::target);
    } else {
        expect_as_before();
    }
}

/// In post-copy, what ends the target's copy ends the memory: a client that dies before it could call Finish, a
/// daemon that refuses it.
bool FinalChecks::is_price_of_postcopy() const
{
    return m_journal.postcopy && !m_universe.oracle.memory_exists() && !m_universe.machine(Side::source).domain.live &&
           !m_universe.machine(Side::target).domain.live;
}

void FinalChecks::expect_untouched()
{
    if (m_universe.harm() == Harm::none) {
        expect_as_before();
    }
}

void FinalChecks::expect_no_leftovers(Side side)
{
    const Machine& now = m_universe.machine(side);
    const std::string where = " on the " + std::string(to_string(side));
    expect(m_lost || now.pools.empty(), "I5: a pool is left" + where);
    expect(!(now.domain.live && now.domain.live->marker), "I5: a marker is left in the live definition" + where);
    expect(!(now.domain.definition && now.domain.definition->marker), "I5: a marker is left in the definition" + where);
    expect(m_lost || m_universe.shared_files.empty(), "I5: a probe file is left");
}

void FinalChecks::expect_as_before()
{
    expect_no_leftovers(Side::source);
    expect_no_leftovers(Side::target);
    const Machine& then = m_before.machines[0];
    const Machine& now = m_universe.machine(Side::source);
    expect(now.files == then.files, "I3: the source's files are not as before");
    expect(now.domain.autostart == then.domain.autostart, "I3: autostart is not as before");
    expect(now.domain.definition.has_value() == then.domain.definition.has_value(), "I3: persistence is not as before");
    expect(m_lost || m_universe.machine(Side::target).files == m_before.machines[1].files,
           "I5: a file is left on the target");
    expect(!m_universe.machine(Side::target).domain.exists(), "I5: a domain is left on the target");
    if (m_shape.off) {
        expect_off(now);
        return;
    }
    expect(now.domain.live.has_value(), "I3: the VM is down");
    if (!now.domain.live) {
        return;
    }
    const Instance& was = *then.domain.live;
    const Instance& is = *now.domain.live;
    expect(is.id == was.id, "I3: it is another instance");
    expect(is.state == was.state && (is.state == RunState::running || is.reason == was.reason),
           "I3: the run state is not as before: " + std::string(model::to_string(is.state)));
    expect(is.max_downtime_ms == was.max_downtime_ms, "I3: the downtime limit is not as before");
    expect(has_its_speed_limit(is), "I3: the speed limit is not as before");
    expect(is.job == Job::none, "I3: a job is left");
    expect(is.qemu == Qemu::running || is.qemu == Qemu::paused, "I3: the emulator cannot be moved again");
    expect(m_universe.oracle.is_newest(is), "I3: the memory is not the newest");
}

void FinalChecks::expect_source_clean()
{
    expect(!m_universe.machine(Side::source).domain.exists(), "I4: the source still knows the VM");
    expect(m_universe.machine(Side::source).files.empty(), "I5: files are left on the source");
}

/// Nobody has started it, and everybody can.
void FinalChecks::expect_off(const Machine& now)
{
    expect(!now.domain.live, "I3: somebody has started the VM");
    expect(now.domain.definition && now.domain.definition->content == k_content, "I3: it is not the VM's definition");
    expect(now.domain.definition && !now.domain.definition->bolted, "I5: a bolt is left");
}

void FinalChecks::expect_at_target(Side target)
{
    const Machine& now = m_universe.machine(target);
    expect_no_leftovers(Side::source);
    expect_no_leftovers(Side::target);
    if (target == Side::target && !m_shape.paused) {
        expect_source_clean();
    }
    if (m_shape.off) {
        expect(now.domain.autostart == m_shape.autostart, "I4: autostart was not taken along");
        expect_off(now);
        return;
    }
    expect(now.domain.live.has_value(), "I4: the VM is down");
    if (!now.domain.live) {
        return;
    }
    const Instance& is = *now.domain.live;
    const RunState wanted = m_shape.paused ? RunState::paused : RunState::running;
    expect(is.state == wanted, "I4: it is " + std::string(model::to_string(is.state)));
    expect(is.images_active, "I4: its images are still inactive");
    expect(is.max_downtime_ms == m_before.machines[0].domain.live->max_downtime_ms,
           "I4: the downtime limit was not taken along");
    expect(has_its_speed_limit(is), "I4: the speed limit was not taken along");
    expect(is.job == Job::none, "I4: a job is left");
    expect(m_universe.oracle.is_newest(is), "I4: the memory is not the newest");
    expect(now.domain.autostart == m_shape.autostart, "I4: autostart was not taken along");
    expect(now.domain.definition.has_value() == m_shape.persistent, "I4: persistence is not as before");
}

/// A copy may have been lost: what is left must run, or be called undecidable, and nothing be called lost that is not.
void FinalChecks::check_memory_stories(int open_debts)
{
    // The target's copy of a paused VM went before it ran: what the source still has is kept, and owed.
    const bool source_is_kept = m_shape.paused && m_journal.outcome == "committed-degraded";
    expect(open_debts == 0 || m_journal.outcome.empty() || source_is_kept, "I5: debts are left");
    const bool alive = m_universe.oracle.memory_exists();
    const bool runs = m_universe.machine(Side::source).domain.runs() || m_universe.machine(Side::target).domain.runs();
    const std::string& outcome = m_journal.outcome;
    expect(!(outcome == "lost" && alive), "the memory is called lost, and is there");
    if (alive && !runs && !m_shape.paused) {
        expect(outcome.empty(), "the VM is down although its memory is there, and nobody says so");
    }
    if (outcome == "committed") {
        expect(!m_universe.machine(Side::source).domain.exists(), "I4: the source still knows the VM");
    }
    if (outcome == "rolled-back" || outcome == "lost") {
        expect(!m_universe.machine(Side::target).domain.exists(), "I5: a domain is left on the target");
        // The call of a daemon whose emulator has died still arrives, and libvirt takes only the domain back.
        const bool late_prepare = m_shape.peer_to_peer && outcome == "lost";
        expect(late_prepare || m_universe.machine(Side::target).files == m_before.machines[1].files,
               "I5: a file is left on the target");
        expect(m_universe.machine(Side::source).domain.autostart == m_before.machines[0].domain.autostart ||
                   !m_universe.machine(Side::source).domain.definition,
               "I3: autostart is not as before");
    }
    if (!outcome.empty() && !(source_is_kept && open_debts != 0)) {
        expect_no_leftovers(Side::source);
        expect_no_leftovers(Side::target);
    }
}

std::string FinalChecks::difference(const Inventory& before, const Inventory& after)
{
    for (size_t i = 0; i < 2; ++i) {
        const Domain& was = before.machines[i].domain;
        const Domain& is = after.machines[i].domain;
        const std::string where = i == 0 ? "source" : "target";
        const bool live = was.live.has_value() == is.live.has_value() &&
                          (!was.live || (was.live->state == is.live->state && was.live->marker == is.live->marker &&
                                         was.live->max_downtime_ms == is.live->max_downtime_ms &&
                                         was.live->max_bandwidth_mib_s == is.live->max_bandwidth_mib_s));
        if (!live) {
            return "the instance on the " + where;
        }
        const bool defined = was.definition.has_value() == is.definition.has_value() &&
                             (!was.definition || was.definition->marker == is.definition->marker);
        if (!defined || was.autostart != is.autostart) {
            return "the definition on the " + where;
        }
        if (before.machines[i].files != after.machines[i].files ||
            before.machines[i].pools != after.machines[i].pools) {
            return "files on the " + where;
        }
    }
    return before.shared_files == after.shared_files ? "" : "shared files";
}

}  // namespace vmferry::sim
