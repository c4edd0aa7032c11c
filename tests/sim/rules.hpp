// The write-ahead rule (I8) and the order of acts: what must be durable, and what must be so at the
// hosts, when the tool asks for something. Looks at the journal, never at the engine.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "journal/entry.hpp"
#include "tests/sim/universe.hpp"

namespace vmferry::sim {

/// What the durable entries of one transaction say.
struct JournalView {
    bool begun = false;
    bool switch_intent = false;
    bool postcopy = false;
    bool commit = false;
    bool abort = false;
    bool resumed = false;
    bool verified = false;
    bool ended = false;
    bool failing = false;          ///< A write was refused in this process: what saves the VM is done all the same.
    std::set<std::string> ledger;  ///< Announced and not taken back.
    std::set<std::string> undoing;
    std::set<std::string> debts;  ///< Recorded and not settled.
    std::string outcome;
    /// The VM's speed limit as BEGIN has it. A restart before that has lost it already.
    std::optional<uint64_t> max_bandwidth_mib_s;
    int entries = 0;

    void add(journal::Kind kind, const std::string& object);
    void add_begin(const Json& body);
};

class Rules {
public:
    Rules(Universe& universe, const JournalView& journal) : m_universe(universe), m_journal(journal) {}

    /// The tool asks `side` for `act` ("resume", "destroy", "set-marker", ...).
    void check(std::string_view act, Side side, std::string_view object = {});
    /// Acts that change a domain's run state or existence, so far.
    [[nodiscard]] int decisive_acts() const { return m_decisive; }
    bool enabled = true;

private:
    void need(bool held, std::string_view act, Side side, std::string_view what);
    void check_resume(Side side);
    void check_end(std::string_view act, Side side);
    void check_undefine(Side side);
    void check_ours(std::string_view act, Side side);
    void check_setting(std::string_view act, Side side, std::string_view object);
    [[nodiscard]] bool announced(std::string_view object) const
    {
        return m_journal.ledger.contains(std::string(object)) || m_journal.undoing.contains(std::string(object));
    }

    Universe& m_universe;
    const JournalView& m_journal;
    int m_decisive = 0;
};

}  // namespace vmferry::sim
