// The invariants that are looked at when everything is over.

#pragma once

#include <string>

#include "tests/sim/rules.hpp"
#include "tests/sim/universe.hpp"

namespace vmferry::sim {

/// What two hosts had before the story.
struct Inventory {
    Machine machines[2];
    std::map<std::string, std::string> shared_files;

    [[nodiscard]] static Inventory of(const Universe& universe);
};

/// Somebody still has to settle something.
[[nodiscard]] bool has_marker(const Universe& universe);

class FinalChecks {
public:
    FinalChecks(Universe& universe, const Inventory& before, const JournalView& journal, const Shape& shape)
        : m_universe(universe), m_before(before), m_journal(journal), m_shape(shape)
    {
    }

    /// The end of a story without debts left.
    void check(int open_debts);
    /// The same where the journal was lost: what only it could tell may be left, and in doubt is what no marker proves.
    void check_after_loss(int open_debts);
    /// Everything is as if the tool had never been there.
    void expect_untouched();
    /// `before` to `after`: a recovery that had nothing to do changed nothing.
    static std::string difference(const Inventory& before, const Inventory& after);
    void expect_at_target(Side target);

private:
    void expect_as_before();
    void expect_no_leftovers(Side side);
    void expect_source_clean();
    void expect_off(const Machine& now);
    [[nodiscard]] bool has_its_speed_limit(const Instance& live) const;
    [[nodiscard]] bool is_price_of_waiting() const;
    [[nodiscard]] bool is_price_of_postcopy() const;
    void check_definite(int open_debts);
    void check_memory_stories(int open_debts);
    void expect(bool held, const std::string& what);

    Universe& m_universe;
    const Inventory& m_before;
    const JournalView& m_journal;
    const Shape& m_shape;
    bool m_lost = false;  ///< Probes, and an NVRAM file without a domain, have no marker.
};

}  // namespace vmferry::sim
