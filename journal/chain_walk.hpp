// Walks the stored rows in their order and names every one that is not what was written.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "journal/chain.hpp"
#include "journal/state.hpp"

namespace vmferry::journal {

/// One verification. Rows come in the order of `sequence`; then each transaction; then the head.
///
/// One damaged row gives one problem, not one for each row after it: the walk goes on from the hash
/// that is stored.
class ChainWalk {
public:
    /// `head_digest` as stored with the transaction when the row is a BEGIN; otherwise ignored.
    void add(const Row& row, const std::string& head_digest);
    /// `state` as stored; compared with what its entries amount to.
    void add_transaction(const Uuid& id, const State& state);
    void add_problem(std::string problem);
    /// Call after the last row and transaction; without a head when they could not all be read.
    [[nodiscard]] ChainReport finish(const std::optional<ChainHead>& head);

    [[nodiscard]] bool has_problems() const { return !m_report.problems.empty() || !m_suspects.empty(); }
    [[nodiscard]] int64_t last_sequence() const { return m_last_sequence; }
    [[nodiscard]] const std::map<std::string, State>& states() const { return m_states; }

private:
    struct Gap {
        int64_t first;
        int64_t last;
    };
    struct Suspect {
        Row row;
        std::string head_digest;
    };

    void check_link(const Row& row);
    void name_suspects();
    void check_end(const ChainHead& head);
    [[nodiscard]] int64_t written_as(const Suspect& suspect) const;

    ChainReport m_report;
    std::map<std::string, State> m_states;
    std::map<std::string, bool> m_seen;
    std::vector<Suspect> m_suspects;
    std::vector<Gap> m_gaps;
    int64_t m_last_sequence = 0;
    std::string m_last_hash{k_no_hash};
    bool m_last_is_suspect = false;
};

}  // namespace vmferry::journal
