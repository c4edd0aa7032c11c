#include "core/model/observation.hpp"

#include <gtest/gtest.h>

namespace vmferry::model {
namespace {

Observation paused_for_migration()
{
    Observation seen;
    seen.reachable = true;
    seen.exists = true;
    seen.persistent = true;
    seen.state = RunState::paused;
    seen.reason = StateReason::migration;
    seen.id = 4;
    seen.job_active = true;
    return seen;
}

TEST(Observation, IsDescribedForPeople)
{
    Observation seen = paused_for_migration();
    EXPECT_EQ(describe(seen), "paused (migration), job active");
    seen.persistent = false;
    seen.job_active = false;
    EXPECT_EQ(describe(seen), "paused (migration), transient");
    seen.exists = false;
    EXPECT_EQ(describe(seen), "absent");
    seen.reachable = false;
    EXPECT_EQ(describe(seen), "no answer");
    seen.problem = "timed out";
    EXPECT_EQ(describe(seen), "no answer (timed out)");
}

TEST(Observation, SameSituationAlthoughTimeGoesOn)
{
    const Observation first = paused_for_migration();
    Observation second = first;
    second.cpu_time_ns = 99;
    EXPECT_TRUE(first.same_situation(second));
}

TEST(Observation, AnyOtherChangeIsAnotherSituation)
{
    const Observation first = paused_for_migration();
    for (const auto& change : std::vector<void (*)(Observation&)>{
             [](Observation& seen) { seen.reachable = false; },
             [](Observation& seen) { seen.exists = false; },
             [](Observation& seen) { seen.persistent = false; },
             [](Observation& seen) { seen.state = RunState::running; },
             [](Observation& seen) { seen.reason = StateReason::user; },
             [](Observation& seen) { seen.id = 5; },
             [](Observation& seen) { seen.job_active = false; },
             [](Observation& seen) { seen.live_marker = Marker{}; },
             [](Observation& seen) { seen.inactive_marker = Marker{}; },
         }) {
        Observation second = first;
        change(second);
        EXPECT_FALSE(first.same_situation(second));
        EXPECT_FALSE(second.same_situation(first));
    }
}

TEST(Observation, TwoHostsWithoutAnswerAreTheSameSituation)
{
    Observation first;
    first.problem = "timed out";
    Observation second;
    second.problem = "refused";
    EXPECT_TRUE(first.same_situation(second));
}

TEST(Observation, JsonSaysNothingThatWasNotSeen)
{
    EXPECT_EQ(to_json(Observation{}).size(), 2U);
    Observation absent;
    absent.reachable = true;
    EXPECT_EQ(to_json(absent).size(), 2U);
    Observation seen = paused_for_migration();
    seen.live_marker = Marker{};
    EXPECT_TRUE(to_json(seen).contains("live_marker"));
    EXPECT_FALSE(to_json(seen).contains("inactive_marker"));
}

}  // namespace
}  // namespace vmferry::model
