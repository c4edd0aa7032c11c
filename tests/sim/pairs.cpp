// Every pair of faults. A second fault that changes nothing where it strikes is not told again: what the
// tool does then is, word for word, what it does in the story of the first fault alone, which is told and
// put to checks that are at least as strict.

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/sim/explorer.hpp"

namespace vmferry::sim {

namespace {

/// A sample takes few of the first faults, as each of them costs a story, and few second ones with each.
class Sample {
public:
    explicit Sample(const Options& options)
        : m_dice(options.seed), m_first(static_cast<uint64_t>(std::sqrt(static_cast<double>(options.sample)))),
          m_second(std::max<uint64_t>(1, options.sample / std::max<uint64_t>(1, m_first)))
    {
    }
    [[nodiscard]] bool takes_first() { return takes(m_first); }
    [[nodiscard]] bool takes_second() { return takes(m_second); }

private:
    bool takes(uint64_t one_in) { return one_in <= 1 || m_dice() % one_in == 0; }

    std::mt19937_64 m_dice;
    uint64_t m_first;
    uint64_t m_second;
};

bool is_named(const Fault& fault, const std::string& name) { return name.empty() || fault.type->name == name; }

/// All that follow one first fault.
void tell_seconds(Explorer& explorer, const NamedShape& shape, const Fault& first, Sample& sample,
                  const Options& options)
{
    const Told single = tell_with_points(explorer, shape, {first});
    for (const Fault& second : faults_from(single.points, first.point + 1)) {
        if (explorer.done()) {
            return;
        }
        if (!is_named(second, options.second) || !sample.takes_second()) {
            continue;
        }
        if (changes_nothing(single.points, second)) {
            explorer.leave_out();
        } else if (options.count_only) {
            explorer.count();
        } else {
            explorer.run(shape, {.faults = {first, second}, .by = options.by});
        }
    }
}

}  // namespace

Summary explore_pairs(const Options& options)
{
    Explorer explorer(options);
    Sample sample(options);
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        const Told calm = tell_with_points(explorer, shape, {});
        for (const Fault& first : faults_from(calm.points, 1)) {
            // With a first fault that changes nothing, the pairs are the single stories of the second.
            if (explorer.done() || changes_nothing(calm.points, first) || !explorer.is_ours()) {
                continue;
            }
            if (is_named(first, options.first) && sample.takes_first()) {
                tell_seconds(explorer, shape, first, sample, options);
            }
        }
    }
    return explorer.summary();
}

}  // namespace vmferry::sim
