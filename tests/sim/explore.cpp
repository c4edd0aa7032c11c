#include "tests/sim/explore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <set>

namespace vmferry::sim {

namespace {

constexpr uint64_t k_most_told = 10;

/// Runs stories and tells of bad ones, of each kind once.
class Explorer {
public:
    explicit Explorer(const Options& options) : m_options(options) {}

    /// Returns its points when `record` is given.
    Verdict run(const NamedShape& shape, Story story, std::vector<PointRecord>* record = nullptr)
    {
        story.shape = shape.shape;
        const Verdict verdict = run_story(story, m_options.checks, record);
        ++m_summary.stories;
        ++m_summary.outcomes[verdict.outcome.empty() ? "(open)" : verdict.outcome];
        if (!verdict.violations.empty()) {
            tell(shape, story, verdict);
        }
        return verdict;
    }
    [[nodiscard]] bool done() const { return !m_options.keep_going && m_summary.bad >= k_most_told; }
    [[nodiscard]] const Summary& summary() const { return m_summary; }
    [[nodiscard]] bool wants(const NamedShape& shape) const
    {
        return m_options.shape.empty() || m_options.shape == shape.name;
    }

private:
    /// Numbers differ from story to story; what is wrong does not.
    static std::string kind_of(const std::string& violation)
    {
        const size_t colon = violation.find(": ");
        std::string kind;
        for (const char c : violation.substr(colon == std::string::npos ? 0 : colon + 2)) {
            if (c < '0' || c > '9') {
                kind += c;
            }
        }
        return kind;
    }
    void tell(const NamedShape& shape, const Story& story, const Verdict& verdict)
    {
        ++m_summary.bad;
        const std::string text = to_string(shape, story);
        if (m_summary.first_bad.empty()) {
            m_summary.first_bad = text;
        }
        if (m_options.quiet || !m_told.insert(kind_of(verdict.violations.front()) + std::string(shape.name)).second) {
            return;
        }
        fmt::print("BAD  {}\n     {}\n", text, verdict.ending);
        for (const std::string& violation : verdict.violations) {
            fmt::print("     {}\n", violation);
        }
        std::fflush(stdout);
    }

    const Options& m_options;
    Summary m_summary;
    std::set<std::string> m_told;
};

/// Every fault that makes a difference, from point `first` on.
std::vector<Fault> faults_from(const std::vector<PointRecord>& points, int first)
{
    std::vector<Fault> all;
    for (int point = first; point <= static_cast<int>(points.size()); ++point) {
        for (const FaultType& type : fault_types()) {
            if (strikes_at(type, points[static_cast<size_t>(point - 1)].kind)) {
                all.push_back({point, &type});
            }
        }
    }
    return all;
}

}  // namespace

Summary explore_singles(const Options& options)
{
    Explorer explorer(options);
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        std::vector<PointRecord> points;
        const Verdict calm = explorer.run(shape, {}, &points);
        points.resize(static_cast<size_t>(calm.points));
        for (const Fault& fault : faults_from(points, 1)) {
            for (const Operator by : {Operator::plain, Operator::forward, Operator::host_dead}) {
                const bool told = by == Operator::plain || fault.type->kind == FaultKind::tool_dies ||
                                  (by == Operator::host_dead && fault.type->kind == FaultKind::power_off);
                if (told) {
                    explorer.run(shape, {.faults = {fault}, .by = by});
                }
            }
            if (explorer.done()) {
                return explorer.summary();
            }
        }
    }
    return explorer.summary();
}

Summary explore_pairs(const Options& options)
{
    Explorer explorer(options);
    std::mt19937_64 dice(options.seed);
    // A sample takes few of the first faults, as each of them costs a story, and few second ones with each.
    const auto of_first = static_cast<uint64_t>(std::sqrt(static_cast<double>(options.sample)));
    const uint64_t of_second = std::max<uint64_t>(1, options.sample / std::max<uint64_t>(1, of_first));
    const auto chosen = [&](uint64_t one_in) { return one_in <= 1 || dice() % one_in == 0; };
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        std::vector<PointRecord> calm;
        const Verdict none = explorer.run(shape, {}, &calm);
        calm.resize(static_cast<size_t>(none.points));
        for (const Fault& first : faults_from(calm, 1)) {
            if (!chosen(of_first)) {
                continue;
            }
            std::vector<PointRecord> points;
            const Verdict single = explorer.run(shape, {.faults = {first}}, &points);
            points.resize(static_cast<size_t>(single.points));
            for (const Fault& second : faults_from(points, first.point + 1)) {
                if (chosen(of_second)) {
                    explorer.run(shape, {.faults = {first, second}});
                }
                if (explorer.done()) {
                    return explorer.summary();
                }
            }
        }
    }
    return explorer.summary();
}

Summary explore_disk(const Options& options)
{
    Explorer explorer(options);
    std::mt19937_64 dice(options.seed);
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        const Verdict calm = explorer.run(shape, {.on_disk = true});
        for (int64_t call = 1; call <= calm.disk_calls && !explorer.done(); ++call) {
            for (const DiskFaultType& type : disk_fault_types()) {
                if (options.sample <= 1 || dice() % options.sample == 0) {
                    explorer.run(shape, {.on_disk = true, .disk_fault = DiskFault{call, &type}});
                }
            }
        }
    }
    return explorer.summary();
}

namespace {

/// Up to five faults anywhere. What a number means is part of a seed's meaning.
Story random_story(std::mt19937_64& dice, bool on_disk)
{
    constexpr int k_most_points = 140;
    constexpr int k_most_faults = 5;
    constexpr int k_most_disk_calls = 1500;
    Story story;
    const auto count = 1 + dice() % k_most_faults;
    for (uint64_t n = 0; n < count; ++n) {
        const auto& types = fault_types();
        const auto point = static_cast<int>(1 + dice() % k_most_points);
        story.faults.push_back({point, &types[dice() % types.size()]});
    }
    std::stable_sort(story.faults.begin(), story.faults.end(),
                     [](const Fault& left, const Fault& right) { return left.point < right.point; });
    const auto by = dice() % 4;
    story.by = by < 2 ? Operator::plain : static_cast<Operator>(by - 1);
    story.on_disk = on_disk;
    if (on_disk && dice() % 2 == 0) {
        const auto& types = disk_fault_types();
        const auto call = static_cast<int64_t>(1 + dice() % k_most_disk_calls);
        story.disk_fault = DiskFault{call, &types[dice() % types.size()]};
    }
    return story;
}

}  // namespace

Summary explore_seeds(const Options& options, uint64_t first, uint64_t last)
{
    Explorer explorer(options);
    for (uint64_t seed = first; seed <= last; ++seed) {
        std::mt19937_64 dice(seed);
        for (uint64_t i = 0; i < options.stories; ++i) {
            const NamedShape& shape = shapes()[dice() % shapes().size()];
            explorer.run(shape, random_story(dice, options.on_disk));
            if (explorer.done()) {
                return explorer.summary();
            }
        }
    }
    return explorer.summary();
}

}  // namespace vmferry::sim
