#include "tests/sim/explore.hpp"

#include <fmt/format.h>

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
    Verdict run(const NamedShape& shape, std::vector<Fault> faults, std::vector<PointRecord>* record = nullptr,
                Operator by = Operator::plain)
    {
        const Verdict verdict = run_story({shape.shape, faults, by}, m_options.checks, record);
        ++m_summary.stories;
        ++m_summary.outcomes[verdict.outcome.empty() ? "(open)" : verdict.outcome];
        if (!verdict.violations.empty()) {
            tell(shape, faults, by, verdict);
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
    void tell(const NamedShape& shape, const std::vector<Fault>& faults, Operator by, const Verdict& verdict)
    {
        ++m_summary.bad;
        const std::string text = to_string(shape, faults, by);
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

std::string to_string(const NamedShape& shape, const std::vector<Fault>& faults, Operator by)
{
    constexpr std::string_view k_words[] = {"", "+forward", "+host-dead"};
    return std::string(shape.name) + std::string(k_words[static_cast<size_t>(by)]) + "/" + to_string(faults);
}

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
                    explorer.run(shape, {fault}, nullptr, by);
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
    std::mt19937_64 dice(options.sample);
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        std::vector<PointRecord> calm;
        const Verdict none = explorer.run(shape, {}, &calm);
        calm.resize(static_cast<size_t>(none.points));
        for (const Fault& first : faults_from(calm, 1)) {
            std::vector<PointRecord> points;
            const Verdict single = explorer.run(shape, {first}, &points);
            points.resize(static_cast<size_t>(single.points));
            for (const Fault& second : faults_from(points, first.point + 1)) {
                if (options.sample <= 1 || dice() % options.sample == 0) {
                    explorer.run(shape, {first, second});
                }
                if (explorer.done()) {
                    return explorer.summary();
                }
            }
        }
    }
    return explorer.summary();
}

Summary explore_seeds(const Options& options, uint64_t first, uint64_t last)
{
    constexpr int k_most_points = 140;
    constexpr int k_most_faults = 5;
    Explorer explorer(options);
    for (uint64_t seed = first; seed <= last; ++seed) {
        std::mt19937_64 dice(seed);
        for (uint64_t i = 0; i < options.stories; ++i) {
            const NamedShape& shape = shapes()[dice() % shapes().size()];
            std::vector<Fault> faults;
            const auto count = 1 + dice() % k_most_faults;
            for (uint64_t n = 0; n < count; ++n) {
                const auto& types = fault_types();
                faults.push_back({static_cast<int>(1 + dice() % k_most_points), &types[dice() % types.size()]});
            }
            std::stable_sort(faults.begin(), faults.end(),
                             [](const Fault& left, const Fault& right) { return left.point < right.point; });
            const auto by = dice() % 4;
            explorer.run(shape, faults, nullptr, by < 2 ? Operator::plain : static_cast<Operator>(by - 1));
            if (explorer.done()) {
                return explorer.summary();
            }
        }
    }
    return explorer.summary();
}

int replay(const std::string& text, const Options& options)
{
    const size_t slash = text.find('/');
    const std::string head = text.substr(0, slash);
    const NamedShape* shape = find_shape(head.substr(0, head.find('+')));
    const Operator by = head.ends_with("+forward")     ? Operator::forward
                        : head.ends_with("+host-dead") ? Operator::host_dead
                                                       : Operator::plain;
    const auto faults = parse_faults(slash == std::string::npos ? "" : std::string_view(text).substr(slash + 1));
    if (shape == nullptr || !faults) {
        fmt::print(stderr, "'{}' is not a story\n", text);
        return 64;
    }
    std::vector<PointRecord> points;
    const Verdict verdict = run_story({shape->shape, *faults, by}, options.checks, &points);
    for (size_t i = 0; i < points.size(); ++i) {
        std::string struck;
        for (const Fault& fault : *faults) {
            struck += fault.point == static_cast<int>(i + 1) ? "  <-- " + std::string(fault.type->name) : "";
        }
        constexpr std::string_view k_kinds[] = {"act",   "ask",          "  act done", "  ask done",
                                                "write", "  write done", "STEP",       "wait"};
        fmt::print("{:>4} {:>8} ms  {:<12} {}{}\n", i + 1, points[i].at, k_kinds[static_cast<size_t>(points[i].kind)],
                   points[i].name, struck);
    }
    fmt::print("processes: {}\noutcome: {}\n", verdict.ending, verdict.outcome.empty() ? "(open)" : verdict.outcome);
    for (const std::string& violation : verdict.violations) {
        fmt::print("BAD  {}\n", violation);
    }
    return verdict.violations.empty() ? 0 : 1;
}

}  // namespace vmferry::sim
