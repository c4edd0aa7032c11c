#include "tests/sim/rules.hpp"

namespace vmferry::sim {

void JournalView::add(journal::Kind kind, const std::string& object)
{
    using journal::Kind;
    ++entries;
    switch (kind) {
    case Kind::begin: begun = true; break;
    case Kind::ledger: ledger.insert(object); break;
    case Kind::undoing: undoing.insert(object); break;
    case Kind::undone: ledger.erase(object); break;
    case Kind::debt: debts.insert(object); break;
    case Kind::settled: debts.erase(object); break;
    case Kind::switch_intent: switch_intent = true; break;
    case Kind::postcopy: postcopy = true; break;
    case Kind::commit: commit = true; break;
    case Kind::abort_intent: abort = true; break;
    case Kind::resumed: resumed = true; break;
    case Kind::verified: verified = true; break;
    case Kind::end:
        ended = true;
        outcome = object;
        break;
    default: break;
    }
}

void JournalView::add_begin(const Json& body)
{
    add(journal::Kind::begin, {});
    max_bandwidth_mib_s = body.at("before").at("max_bandwidth_mib_s").get<uint64_t>();
}

void Rules::need(bool held, std::string_view act, Side side, std::string_view what)
{
    if (!held) {
        m_universe.oracle.violate("I8: " + std::string(act) + " on the " + std::string(to_string(side)) + " without " +
                                  std::string(what));
    }
}

void Rules::check(std::string_view act, Side side, std::string_view object)
{
    if (!enabled) {
        return;
    }
    if (act == "resume" || act == "activate") {
        check_resume(side);
    } else if (act == "destroy") {
        check_end(act, side);
    } else if (act == "undefine") {
        check_undefine(side);
    } else if (act == "migrate") {
        need(m_journal.switch_intent, act, side, "SWITCH_INTENT");
        need(!m_journal.abort && !m_journal.commit, act, side, "an open way");
        need(announced("domain:target") && announced("marker:source"), act, side, "its ledger");
        ++m_decisive;
    } else if (act == "mark-commit") {
        need(m_journal.commit && !m_journal.abort, act, side, "COMMIT");
    } else if (act == "mark-resumed") {
        need(m_journal.resumed, act, side, "RESUMED");
    } else if (act == "migrate-again" || act == "start-postcopy" || act == "break-postcopy") {
        need(m_journal.postcopy, act, side, "POSTCOPY");
        ++m_decisive;
    } else if (act == "release") {
        // Or a human let the target run after ABORT_INTENT: its memory is the newest, and the source has to go.
        const bool adopted = m_universe.harm() == Harm::human && m_universe.machine(Side::target).domain.runs();
        const bool decided = m_journal.commit || m_journal.postcopy;
        need((decided && !m_journal.abort) || adopted || m_journal.resumed, act, side, "COMMIT");
    } else if (act == "fence") {
        need(m_journal.commit && !m_journal.abort, act, side, "COMMIT");
        m_universe.oracle.fence_sent();
        ++m_decisive;
    } else if (act == "announce") {
        // Also when the copy at the target is gone already, and struck from the ledger.
        need(m_journal.switch_intent || m_journal.failing, act, side, "SWITCH_INTENT");
    } else if (act == "drop") {
        // Behind POSTCOPY nothing comes back by it, and where no reply is held there is nothing to drop.
        const bool held = m_universe.switch_mode == model::SwitchMode::guarded && !m_journal.postcopy;
        need(!held || !m_journal.commit || m_journal.abort || m_journal.failing, act, side, "ABORT_INTENT");
    } else {
        m_decisive += act == "define" || act == "bolt" ? 1 : 0;
        check_setting(act, side, object);
    }
}

void Rules::check_resume(Side side)
{
    ++m_decisive;
    if (side == Side::target) {
        need(m_journal.commit && !m_journal.abort, "resume", side, "COMMIT");
        // Without the journal nothing else would tell that this copy may have run.
        const auto& copy = m_universe.machine(Side::target).domain.live;
        const bool marked = !copy || (copy->marker && copy->marker->committed);
        const auto& here = m_universe.machine(Side::source).domain.live;
        const bool rival = here && !here->partial && !m_universe.oracle.confirm_is_due();
        need(marked || !rival || m_universe.harm() == Harm::human, "resume", side, "COMMIT in its marker");
        return;
    }
    need(!m_journal.resumed, "resume", side, "the right to: RESUMED is in the journal");
    need(!m_journal.switch_intent || m_journal.abort || m_journal.failing, "resume", side, "ABORT_INTENT");
    const Domain& here = m_universe.machine(Side::source).domain;
    need(!here.live || !here.live->paused_by_user || m_journal.ledger.contains("blip:source"), "resume", side,
         "LEDGER(blip:source), though its user had paused it");
    // The target's copy is ended before the source runs again, unless it cannot be reached.
    const auto& there = m_universe.machine(Side::target).domain.live;
    const bool loaded = there && there->loaded && there->job == Job::none;
    const bool can = m_universe.net.is_heard(Side::target);
    if (loaded && can && m_universe.harm() != Harm::human && !m_journal.failing) {
        need(m_journal.undoing.contains("domain:target"), "resume", side, "the end of the target's complete copy");
    }
}

/// No own marker, no destructive act.
void Rules::check_ours(std::string_view act, Side side)
{
    const Domain& domain = m_universe.machine(side).domain;
    const bool live = domain.live && domain.live->marker;
    const bool defined = domain.definition && domain.definition->marker;
    if (domain.exists() && !live && !defined && !m_universe.oracle.excused()) {
        m_universe.oracle.violate(std::string(act) + " on the " + std::string(to_string(side)) +
                                  ": a domain without our marker");
    }
}

void Rules::check_end(std::string_view act, Side side)
{
    ++m_decisive;
    check_ours(act, side);
    if (side == Side::source) {
        need(m_journal.resumed, act, side, "RESUMED");
    } else {
        need(m_journal.undoing.contains("domain:target") || m_journal.failing, act, side, "UNDOING(domain:target)");
        need(!m_journal.resumed, act, side, "the right to: RESUMED is in the journal");
    }
}

void Rules::check_undefine(Side side)
{
    ++m_decisive;
    check_ours("undefine", side);
    if (side == Side::target) {
        need(m_journal.undoing.contains("domain:target") || m_journal.failing, "undefine", side,
             "UNDOING(domain:target)");
        return;
    }
    need(announced("definition:source"), "undefine", side, "LEDGER(definition:source)");
    // A VM that is off never runs: COMMIT gives it to the target.
    const bool given = m_universe.oracle.bolts ? m_journal.commit && !m_journal.abort : m_journal.resumed;
    need(given, "undefine", side, m_universe.oracle.bolts ? "COMMIT" : "RESUMED");
    // With the last definition the VM itself would be gone.
    const Domain& target = m_universe.machine(Side::target).domain;
    if (!m_universe.oracle.excused() && !target.definition) {
        m_universe.oracle.violate("the last definition of the VM is removed");
    }
}

void Rules::check_setting(std::string_view act, Side side, std::string_view object)
{
    const std::string ledger =
        object.empty() ? std::string(act) + ":" + std::string(to_string(side)) : std::string(object);
    const bool blip = act == "suspend" && side == Side::source && announced("blip:source");
    need(announced(ledger) || blip || m_journal.failing, act, side, "LEDGER(" + ledger + ")");
    const Domain& source = m_universe.machine(Side::source).domain;
    if (act == "bolt" && source.exists() && m_universe.harm() != Harm::human) {
        m_universe.oracle.violate("the target is unbolted while the source knows the VM");
    }
    if (act == "autostart" && side == Side::target && source.definition && source.autostart) {
        m_universe.oracle.violate("autostart goes on at the target while it is on at the source");
    }
}

}  // namespace vmferry::sim
