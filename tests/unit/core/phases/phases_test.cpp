// Goal: the order of phases and steps is the one that the design promises.

#include "core/phases/phases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace vmferry::phases {
namespace {

std::vector<std::string> names(const std::vector<engine::Phase>& phases)
{
    std::vector<std::string> all;
    for (const engine::Phase& phase : phases) {
        all.emplace_back(phase.name);
    }
    return all;
}

const engine::Phase& phase(std::string_view name)
{
    const auto& all = migrate_phases();
    return *std::find_if(all.begin(), all.end(), [&](const engine::Phase& one) { return one.name == name; });
}

/// Place of a step in its phase; -1 when it is not there.
int place(std::string_view in, std::string_view object)
{
    const auto& steps = phase(in).steps;
    const auto found =
        std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.object == object; });
    return found == steps.end() ? -1 : static_cast<int>(found - steps.begin());
}

TEST(Phases, MigrateGoesInTheOrderThatIsDocumented)
{
    EXPECT_EQ(names(migrate_phases()),
              (std::vector<std::string>{"precheck", "reserve", "memory", "switch", "announce", "verify", "release"}));
}

TEST(Phases, StorageMoveGoesInTheOrderThatIsDocumented)
{
    EXPECT_EQ(names(storage_phases()), (std::vector<std::string>{"reserve", "storage", "switch", "verify", "release"}));
    for (const engine::Phase& one : storage_phases()) {
        for (const engine::Step& step : one.steps) {
            EXPECT_EQ(step.undo == nullptr, one.after_switch) << one.name << ": " << step.object;
        }
    }
    EXPECT_EQ(storage_phases().front().steps.front().object, "marker:source");
    EXPECT_EQ(storage_phases().back().steps.back().object, "marker:target");
}

TEST(Phases, NothingAfterTheSwitchCanBeUndoneAndEverythingBeforeItCan)
{
    for (const engine::Phase& one : migrate_phases()) {
        for (const engine::Step& step : one.steps) {
            EXPECT_EQ(step.undo == nullptr, one.after_switch) << one.name << ": " << step.object;
        }
    }
}

TEST(Phases, TheSwitchIsTheLastBeforeThePointOfNoReturn)
{
    bool after = false;
    for (const engine::Phase& one : migrate_phases()) {
        EXPECT_EQ(one.after_switch, after) << one.name;
        after = after || one.name == "switch";
    }
}

TEST(Phases, TheMarkerIsSetFirstAndClearedLast)
{
    EXPECT_EQ(place("reserve", "marker:source"), 0);
    EXPECT_EQ(place("release", "marker:target"), static_cast<int>(phase("release").steps.size()) - 1);
}

TEST(Phases, TheTargetsCopyIsTheFirstToBeUndone)
{
    EXPECT_EQ(place("reserve", "domain:target"), static_cast<int>(phase("reserve").steps.size()) - 1);
}

TEST(Phases, AutostartNeverIsOnAtBothHosts)
{
    EXPECT_GE(place("reserve", "autostart:source"), 0);
    EXPECT_LT(place("release", "definition:source"), place("release", "autostart:target"));
}

TEST(Phases, TheSourcesImagesGoWhenNoDefinitionNamesThemAndTheMarkerStillTells)
{
    EXPECT_LT(place("release", "definition:source"), place("release", "images:source"));
    EXPECT_LT(place("release", "images:source"), place("release", "marker:target"));
    EXPECT_EQ(place("reserve", "image:") + 1, place("reserve", "domain:target"));
}

TEST(Phases, EveryStepHasAName)
{
    std::vector<std::string_view> seen;
    for (const engine::Phase& one : migrate_phases()) {
        for (const engine::Step& step : one.steps) {
            EXPECT_FALSE(step.object.empty()) << one.name;
            EXPECT_EQ(std::count(seen.begin(), seen.end(), step.object), 0) << step.object << " names two steps";
            seen.push_back(step.object);
        }
    }
}

const std::vector<engine::Phase>* of(const std::string& command, bool was_off = false)
{
    model::Plan plan;
    plan.command = command;
    plan.was_off = was_off;
    return phases_of(plan);
}

TEST(Phases, AVmThatIsOffMovesWithoutAStart)
{
    EXPECT_EQ(of("migrate", true), &cold_phases());
    EXPECT_EQ(names(cold_phases()), (std::vector<std::string>{"precheck", "reserve", "switch", "verify", "release"}));
    for (const engine::Phase& one : cold_phases()) {
        for (const engine::Step& step : one.steps) {
            // Behind COMMIT, too.
            const bool forward = one.after_switch || one.name == "switch";
            EXPECT_EQ(step.undo == nullptr, forward) << one.name << ": " << step.object;
        }
    }
    EXPECT_EQ(cold_phases()[1].steps.back().object, "domain:target");
}

TEST(Phases, TheTargetIsUnboltedWhenTheSourcesDefinitionIsGone)
{
    EXPECT_LT(place("release", "definition:source"), place("release", "bolt:target"));
    EXPECT_LT(place("release", "bolt:target"), place("release", "marker:target"));
}

TEST(Phases, CommandsThatThisVersionDoesNotKnowAreNotGuessed)
{
    EXPECT_EQ(of("migrate"), &migrate_phases());
    EXPECT_EQ(of("precheck"), &precheck_phases());
    EXPECT_EQ(of("storage-move"), &storage_phases());
    EXPECT_EQ(of("teleport"), nullptr);
    EXPECT_EQ(of(""), nullptr);
}

}  // namespace
}  // namespace vmferry::phases
