#include "tests/sim/explore.hpp"

#include <algorithm>
#include <random>

#include "tests/sim/explorer.hpp"

namespace vmferry::sim {

Summary explore_singles(const Options& options)
{
    Explorer explorer(options);
    for (const NamedShape& shape : shapes()) {
        if (!explorer.wants(shape)) {
            continue;
        }
        const Told calm = tell_with_points(explorer, shape, {});
        for (const Fault& fault : faults_from(calm.points, 1)) {
            if (!explorer.is_ours()) {
                continue;
            }
            for (const Operator by :
                 {Operator::plain, Operator::forward, Operator::host_dead, Operator::journal_lost}) {
                const bool told = by == Operator::plain || fault.type->kind == FaultKind::tool_dies ||
                                  (by == Operator::host_dead && fault.type->kind == FaultKind::power_off);
                if (told) {
                    explorer.run(shape, {.faults = {fault}, .by = by, .on_disk = options.on_disk});
                }
            }
            if (explorer.done()) {
                return explorer.summary();
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
                if ((options.sample <= 1 || dice() % options.sample == 0) && explorer.is_ours()) {
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
            Story story = random_story(dice, options.on_disk);
            story.by = options.journal_lost ? Operator::journal_lost : story.by;
            explorer.run(shape, std::move(story));
            if (explorer.done()) {
                return explorer.summary();
            }
        }
    }
    return explorer.summary();
}

}  // namespace vmferry::sim
