#include "cli/profile.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {
namespace {

using namespace std::chrono_literals;

ProfileSettings downtime(Milliseconds limit)
{
    ProfileSettings settings;
    settings.max_downtime = limit;
    return settings;
}

Tuning tuned(const std::string& chosen, const ProfileSettings& options = {}, const ProfileSettings& defaults = {},
             const Profiles& own = {}, const std::optional<std::string>& default_profile = std::nullopt)
{
    auto tuning = tune(own, default_profile, defaults, chosen, options);
    EXPECT_TRUE(tuning) << tuning.error().text();
    return tuning.value_or(Tuning{});
}

TEST(Profile, GentleIsTheStandardAndSlowsNobodyDown)
{
    const Tuning tuning = tuned("");
    EXPECT_EQ(tuning.schedule.profile, "gentle");
    EXPECT_EQ(tuning.schedule.max_downtime, 300ms);
    EXPECT_EQ(tuning.limits.transaction, 30min);
    EXPECT_FALSE(tuning.schedule.auto_converge);
    EXPECT_EQ(tuning.schedule.on_timeout, model::OnTimeout::rollback);
    EXPECT_FALSE(tuning.schedule.may_postcopy());
}

TEST(Profile, BuiltInOnesDiffer)
{
    EXPECT_TRUE(tuned("fast").schedule.auto_converge);
    EXPECT_EQ(tuned("fast").schedule.max_downtime, 500ms);
    EXPECT_EQ(tuned("strict").schedule.max_downtime, 100ms);
}

TEST(Profile, AnOptionIsStrongerThanAnything)
{
    const Profiles own{{"night", downtime(800ms)}};
    EXPECT_EQ(tuned("night", downtime(50ms), downtime(200ms), own).schedule.max_downtime, 50ms);
}

TEST(Profile, AProfileNamedByOptionIsStrongerThanTheDefaults)
{
    EXPECT_EQ(tuned("strict", {}, downtime(200ms)).schedule.max_downtime, 100ms);
}

TEST(Profile, TheDefaultsAreStrongerThanTheProfileTheyName)
{
    EXPECT_EQ(tuned("", {}, downtime(200ms), {}, "strict").schedule.max_downtime, 200ms);
    EXPECT_EQ(tuned("", {}, {}, {}, "strict").schedule.profile, "strict");
}

TEST(Profile, OnesOwnStartsFromGentleOrChangesABuiltIn)
{
    ProfileSettings night;
    night.connections = 4;
    const Profiles own{{"night", night}, {"fast", downtime(700ms)}};
    EXPECT_EQ(tuned("night", {}, {}, own).schedule.connections, 4);
    EXPECT_EQ(tuned("night", {}, {}, own).schedule.max_downtime, 300ms);
    EXPECT_EQ(tuned("fast", {}, {}, own).schedule.max_downtime, 700ms);
    EXPECT_TRUE(tuned("fast", {}, {}, own).schedule.auto_converge);
}

TEST(Profile, TheFirstLimitIsNeverAboveTheLast)
{
    EXPECT_EQ(tuned("", downtime(5ms)).schedule.first_downtime, 5ms);
    EXPECT_EQ(tuned("").schedule.first_downtime, 10ms);
}

TEST(Profile, AnUnknownNameIsAMistakeWithASuggestion)
{
    const auto tuning = tune({{"night", {}}}, std::nullopt, {}, "nihgt", {});
    ASSERT_FALSE(tuning);
    EXPECT_EQ(tuning.error().kind(), ErrorKind::usage);
    EXPECT_EQ(tuning.error().what(),
              "there is no profile 'nihgt', only fast, gentle, night, strict; did you mean 'night'?");
}

TEST(Profile, ValuesOutOfRangeAreMistakes)
{
    EXPECT_FALSE(parse_max_downtime("0ms"));
    EXPECT_FALSE(parse_max_downtime("2001s"));
    EXPECT_FALSE(parse_max_downtime("300"));
    EXPECT_EQ(parse_max_downtime("2000s").value_or(0ms), 2000s);
    EXPECT_FALSE(parse_bandwidth("1Mbit"));
    EXPECT_FALSE(parse_bandwidth("100"));
    EXPECT_EQ(parse_bandwidth("1MiB").value_or(0), model::k_least_bandwidth);
    EXPECT_EQ(parse_bandwidth("1Gbit").value_or(0), 125'000'000U);
    EXPECT_FALSE(parse_on_timeout_word("pause"));
    EXPECT_FALSE(parse_postcopy_word("always"));
    EXPECT_EQ(parse_postcopy_word("allow").value_or(model::PostCopy::never), model::PostCopy::allow);
    EXPECT_EQ(parse_on_timeout_word("postcopy").value_or(model::OnTimeout::rollback), model::OnTimeout::postcopy);
    EXPECT_EQ(parse_on_timeout_word("suspend").value_or(model::OnTimeout::rollback), model::OnTimeout::suspend);
}

}  // namespace
}  // namespace vmferry::cli
