// Goal: the table of moves of VMs that are off has exactly one row for every situation, and no row can leave the VM
// without a definition, or take it from a host that runs it.
// Method: enumerate all stages x sources x targets x copies (720) and check each; then properties, then classification.

#include "core/engine/cold_recovery.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

namespace vmferry::engine {
namespace {

using A = ColdAction;
using S = ColdSourceIs;
using T = ColdTargetIs;
using C = CopiesHold;

bool has(unsigned bits, unsigned value) { return ((bits >> value) & 1U) != 0; }

bool applies(const ColdRow& row, const ColdSituation& is)
{
    return has(row.stages, static_cast<unsigned>(is.stage)) && has(row.sources, static_cast<unsigned>(is.source)) &&
           has(row.targets, static_cast<unsigned>(is.target)) && has(row.copies, static_cast<unsigned>(is.copies));
}

std::vector<ColdSituation> all_situations()
{
    std::vector<ColdSituation> all;
    for (unsigned stage = 0; stage < k_stage_count; ++stage) {
        for (unsigned source = 0; source < k_cold_source_count; ++source) {
            for (unsigned target = 0; target < k_cold_target_count; ++target) {
                for (unsigned copies = 0; copies < k_copies_hold_count; ++copies) {
                    all.push_back({static_cast<Stage>(stage), static_cast<S>(source), static_cast<T>(target),
                                   static_cast<C>(copies)});
                }
            }
        }
    }
    return all;
}

std::string name_of(const ColdSituation& is)
{
    return std::string(to_string(is.stage)) + " / " + std::string(to_string(is.source)) + " / " +
           std::string(to_string(is.target)) + " / " + std::string(to_string(is.copies));
}

void expect_everywhere(const std::function<bool(const ColdSituation&, A)>& promise)
{
    for (const ColdSituation& is : all_situations()) {
        const ColdRow& row = decide(is);
        EXPECT_TRUE(promise(is, row.action))
            << name_of(is) << " -> " << row.name << " (" << to_string(row.action) << ")";
    }
}

/// These remove our definition at the target.
bool undefines_target(A action) { return action == A::back || action == A::started || action == A::gone; }
bool runs_at_target(T target) { return target == T::runs || target == T::unmarked; }
bool runs_at_source(S source) { return source == S::runs || source == S::transient; }

TEST(ColdTable, EverySituationHasExactlyOneRow)
{
    for (const ColdSituation& is : all_situations()) {
        std::string found;
        int count = 0;
        for (const ColdRow& row : cold_table()) {
            if (applies(row, is)) {
                ++count;
                found += " " + std::string(row.name);
            }
        }
        EXPECT_EQ(count, 1) << name_of(is) << ":" << found;
    }
}

TEST(ColdTable, EveryRowIsReachableAndHasItsOwnName)
{
    std::set<std::string_view> used;
    for (const ColdSituation& is : all_situations()) {
        used.insert(decide(is).name);
    }
    std::set<std::string_view> names;
    for (const ColdRow& row : cold_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(used.contains(row.name)) << row.name;
        EXPECT_FALSE(row.reason.empty()) << row.name;
    }
}

TEST(ColdTable, TheTargetsDefinitionGoesOnlyWhenTheSourcesIsSeen)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        const bool may_be_there = is.target == T::defined || is.target == T::unreachable || is.target == T::runs;
        const bool seen = is.source == S::off || is.source == S::runs;
        return !undefines_target(action) || !may_be_there || seen;
    });
}

TEST(ColdTable, TheSourcesDefinitionGoesOnlyWhenTheTargetsIsSeen)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        const bool seen = is.target == T::defined || is.target == T::runs;
        return action != A::forward || seen || is.source == S::gone;
    });
}

TEST(ColdTable, NothingIsTakenFromAHostThatRunsTheVm)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        return (action != A::forward || !runs_at_source(is.source)) &&
               (!undefines_target(action) || !runs_at_target(is.target) || is.source == S::gone);
    });
}

TEST(ColdTable, CopiesThatAreNotAsTheirOriginalsAreNeverTheOnlyOnes)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        const bool ends_source = action == A::forward && is.source != S::unreachable && is.target == T::defined;
        return !ends_source || is.copies == C::good;
    });
}

TEST(ColdTable, TwoRunningCopiesAreAlwaysADoubt)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        return !(runs_at_source(is.source) && runs_at_target(is.target)) || action == A::doubt;
    });
}

TEST(ColdTable, ASourceThatDoesNotAnswerIsLeftAloneBeforeCommit)
{
    expect_everywhere([](const ColdSituation& is, A action) {
        return is.source != S::unreachable || is.stage == Stage::commit || action == A::doubt;
    });
}

TEST(ColdTable, CommitIsNotWrittenAfterTheWayBackWasDecided)
{
    expect_everywhere(
        [](const ColdSituation& is, A action) { return is.stage != Stage::abort || action != A::forward; });
}

TEST(ColdTable, OnlyAVmThatIsOffAtTheSourceIsComparedAsSuch)
{
    expect_everywhere([](const ColdSituation& is, A action) { return action != A::back || is.source == S::off; });
}

model::Observation seen(model::RunState state, bool persistent = true)
{
    model::Observation observation;
    observation.reachable = true;
    observation.exists = true;
    observation.persistent = persistent;
    observation.state = state;
    return observation;
}

TEST(ColdClassification, TheSource)
{
    EXPECT_EQ(classify_cold_source({}), S::unreachable);
    model::Observation none;
    none.reachable = true;
    EXPECT_EQ(classify_cold_source(none), S::gone);
    EXPECT_EQ(classify_cold_source(seen(model::RunState::shut_off)), S::off);
    EXPECT_EQ(classify_cold_source(seen(model::RunState::running)), S::runs);
    EXPECT_EQ(classify_cold_source(seen(model::RunState::paused)), S::runs);
    EXPECT_EQ(classify_cold_source(seen(model::RunState::running, false)), S::transient);
}

TEST(ColdClassification, OnlyOurMarkerMakesTheTargetsDefinitionOurs)
{
    model::Plan plan;
    plan.transaction = Uuid::make_v7();
    plan.epoch = 3;
    EXPECT_EQ(classify_cold_target({}, plan), T::unreachable);
    model::Observation off = seen(model::RunState::shut_off);
    EXPECT_EQ(classify_cold_target(off, plan), T::foreign);
    off.inactive_marker = plan.marker(model::Side::target);
    EXPECT_EQ(classify_cold_target(off, plan), T::defined);
    off.inactive_marker->epoch = 2;
    EXPECT_EQ(classify_cold_target(off, plan), T::foreign);
    model::Observation active = seen(model::RunState::running);
    active.inactive_marker = plan.marker(model::Side::target);
    EXPECT_EQ(classify_cold_target(active, plan), T::unmarked);
    active.live_marker = plan.marker(model::Side::target);
    EXPECT_EQ(classify_cold_target(active, plan), T::runs);
}

}  // namespace
}  // namespace vmferry::engine
