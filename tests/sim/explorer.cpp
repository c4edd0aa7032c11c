#include "tests/sim/explorer.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace vmferry::sim {

namespace {

constexpr uint64_t k_most_told = 10;

/// Numbers differ from story to story; what is wrong does not.
std::string kind_of(const std::string& violation)
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

}  // namespace

Verdict Explorer::run(const NamedShape& shape, Story story, std::vector<PointRecord>* record)
{
    story.shape = shape.shape;
    Verdict verdict = run_story(story, m_options.checks, record, &m_moved);
    ++m_summary.stories;
    ++m_summary.outcomes[verdict.outcome.empty() ? "(open)" : verdict.outcome];
    if (!verdict.violations.empty()) {
        tell(shape, story, verdict);
    }
    return verdict;
}

bool Explorer::done() const { return !m_options.keep_going && m_summary.bad >= k_most_told; }

void Explorer::tell(const NamedShape& shape, const Story& story, const Verdict& verdict)
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

Told tell_with_points(Explorer& explorer, const NamedShape& shape, const std::vector<Fault>& faults)
{
    Told told;
    told.verdict = explorer.run(shape, {.faults = faults}, &told.points);
    told.points.resize(static_cast<size_t>(told.verdict.points));
    return told;
}

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

bool changes_nothing(const std::vector<PointRecord>& points, const Fault& fault)
{
    const auto type = static_cast<size_t>(fault.type - fault_types().data());
    return points[static_cast<size_t>(fault.point - 1)].changes_nothing.test(type);
}

}  // namespace vmferry::sim
