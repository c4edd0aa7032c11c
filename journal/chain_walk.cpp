#include "journal/chain_walk.hpp"

#include <algorithm>

namespace vmferry::journal {

namespace {

/// A ruined journal shall not fill the memory with complaints.
constexpr size_t k_problems_max = 1000;
constexpr size_t k_suspects_max = 100;

std::string name_of(const Row& row)
{
    std::string name = "entry " + std::to_string(row.sequence) + " (" + row.kind;
    if (!row.object.empty()) {
        name += " " + row.object;
    }
    return name + ", transaction " + row.transaction + ")";
}

std::string range(int64_t first, int64_t last)
{
    return first == last ? "entry " + std::to_string(first) + " is missing"
                         : "entries " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

}  // namespace

void ChainWalk::add_problem(std::string problem)
{
    if (m_report.problems.size() < k_problems_max) {
        m_report.problems.push_back(std::move(problem));
    }
}

void ChainWalk::check_link(const Row& row)
{
    if (row.sequence != m_last_sequence + 1) {
        m_gaps.push_back({m_last_sequence + 1, row.sequence - 1});
        add_problem(range(m_last_sequence + 1, row.sequence - 1));
    } else if (row.previous_hash != m_last_hash && !m_last_is_suspect) {
        add_problem(name_of(row) + " does not follow entry " + std::to_string(m_last_sequence) +
                    ": one of the two was replaced");
    }
}

void ChainWalk::add(const Row& row, const std::string& head_digest)
{
    ++m_report.rows;
    const std::string digest = row.kind == to_string(Kind::begin) ? head_digest : std::string();
    const bool is_suspect = hash_of(row, digest) != row.hash;
    if (!is_suspect) {
        check_link(row);
    } else if (m_suspects.size() < k_suspects_max) {
        // Its link may be as wrong as the rest of it, so only its place is looked at.
        if (row.sequence != m_last_sequence + 1) {
            m_gaps.push_back({m_last_sequence + 1, row.sequence - 1});
            add_problem(range(m_last_sequence + 1, row.sequence - 1));
        }
        m_suspects.push_back({row, digest});
    } else {
        add_problem(name_of(row) + " was changed");
    }
    if (const auto kind = parse_kind(row.kind)) {
        m_states[row.transaction].add(*kind, row.object, row.sequence, row.at_ms);
    } else {
        add_problem(name_of(row) + " is of a kind that no vmferry writes");
    }
    m_last_sequence = row.sequence;
    m_last_hash = row.hash;
    m_last_is_suspect = is_suspect;
}

/// The sequence under which the row's hash is right, or 0: tells a moved row from a changed one.
int64_t ChainWalk::written_as(const Suspect& suspect) const
{
    std::vector<int64_t> places;
    for (const Suspect& other : m_suspects) {
        places.push_back(other.row.sequence);
    }
    for (const Gap& gap : m_gaps) {
        for (int64_t place = gap.first; place <= gap.last && places.size() < 2 * k_suspects_max; ++place) {
            places.push_back(place);
        }
    }
    for (const int64_t place : places) {
        Row row = suspect.row;
        row.sequence = place;
        if (hash_of(row, suspect.head_digest) == row.hash) {
            return place;
        }
    }
    return 0;
}

void ChainWalk::name_suspects()
{
    for (const Suspect& suspect : m_suspects) {
        if (const int64_t place = written_as(suspect); place != 0) {
            add_problem(name_of(suspect.row) + " is out of its place: it was written as entry " +
                        std::to_string(place));
        } else {
            add_problem(name_of(suspect.row) + " was changed: its hash does not match its content");
        }
    }
}

void ChainWalk::add_transaction(const Uuid& id, const State& state)
{
    m_seen[id.str()] = true;
    const auto found = m_states.find(id.str());
    if (found == m_states.end()) {
        add_problem("transaction " + id.str() + " has lost all its entries");
        return;
    }
    State expected = found->second;
    expected.worker = state.worker;  // Not derived from entries.
    if (state.entries > expected.entries) {
        add_problem("transaction " + id.str() + " has lost entries: it had " + std::to_string(state.entries) +
                    ", there are " + std::to_string(expected.entries));
    } else if (state.digest(id) != expected.digest(id)) {
        add_problem("transaction " + id.str() + " is recorded in a state that its entries do not give");
    }
}

void ChainWalk::check_end(const ChainHead& head)
{
    for (const auto& [id, state] : m_states) {
        if (!m_seen.contains(id)) {
            add_problem("transaction " + id + " has entries, but its own row is missing");
        }
    }
    if (head.sequence > m_last_sequence) {
        add_problem(range(m_last_sequence + 1, head.sequence) + " at the end");
    } else if (head.sequence != m_last_sequence || head.hash != m_last_hash) {
        add_problem("the chain does not end where its head says: entry " + std::to_string(head.sequence));
    }
    if (head.transactions != static_cast<int64_t>(m_seen.size())) {
        add_problem("there were " + std::to_string(head.transactions) + " transactions, now there are " +
                    std::to_string(m_seen.size()));
    }
}

ChainReport ChainWalk::finish(const std::optional<ChainHead>& head)
{
    name_suspects();
    if (head) {
        check_end(*head);
    }
    m_report.head_hash = m_last_hash;
    return std::move(m_report);
}

}  // namespace vmferry::journal
