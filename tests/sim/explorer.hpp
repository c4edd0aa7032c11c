// Tells stories, counts them, and says which were bad: of each kind one.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/sim/explore.hpp"

namespace vmferry::sim {

class Explorer {
public:
    /// `options` must outlive it.
    explicit Explorer(const Options& options) : m_options(options) {}

    /// Fills `record` with the story's points when it is given.
    Verdict run(const NamedShape& shape, Story story, std::vector<PointRecord>* record = nullptr);
    [[nodiscard]] bool done() const;
    [[nodiscard]] const Summary& summary() const { return m_summary; }
    /// Whether stories of that shape are asked for.
    [[nodiscard]] bool wants(const NamedShape& shape) const
    {
        return m_options.shape.empty() || m_options.shape == shape.name;
    }
    /// Whether the next portion of the stories belongs to this shard; to be asked once for each.
    [[nodiscard]] bool is_ours() { return m_portion++ % m_options.shards == m_options.shard; }
    /// A story that need not be told, and one that would have to be.
    void leave_out() { ++m_summary.left_out; }
    void count() { ++m_summary.counted; }

private:
    void tell(const NamedShape& shape, const Story& story, const Verdict& verdict);

    const Options& m_options;
    MovedEnds m_moved;
    Summary m_summary;
    std::set<std::string> m_told;
    uint64_t m_portion = 0;
};

/// The points of `shape` up to the moment in which all is healed, and what came of it.
struct Told {
    Verdict verdict;
    std::vector<PointRecord> points;
};
[[nodiscard]] Told tell_with_points(Explorer& explorer, const NamedShape& shape, const std::vector<Fault>& faults);

/// Every fault that can strike from point `first` on.
[[nodiscard]] std::vector<Fault> faults_from(const std::vector<PointRecord>& points, int first);
/// Whether `fault` would leave everything as it was at its point: the story would be that without it.
[[nodiscard]] bool changes_nothing(const std::vector<PointRecord>& points, const Fault& fault);

}  // namespace vmferry::sim
