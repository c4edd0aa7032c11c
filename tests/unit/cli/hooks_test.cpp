// Where hooks are called: never once anything of the move has begun, and never in the switch.

#include "cli/hooks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/hook_process.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::cli {

namespace {

std::vector<std::string> names(const std::vector<engine::Phase>& phases)
{
    std::vector<std::string> all;
    for (const engine::Phase& phase : phases) {
        all.emplace_back(phase.name);
    }
    return all;
}

HookRun shell(const std::string& text, Milliseconds limit = Milliseconds(5000), bool stop = false)
{
    auto run = run_hook({"/bin/sh", "-c", text}, "input\n", limit, [stop] { return stop; });
    EXPECT_TRUE(run) << run.error().text();
    return run.value_or(HookRun{});
}

}  // namespace

TEST(HooksTest, AreAskedBeforeTheChecksAndBeforeAnythingIsCreated)
{
    const Hooks hooks{{{"10-a", "/bin/true"}}, Milliseconds(1000)};
    const auto phases = names(with_hooks(phases::migrate_phases(), hooks));
    ASSERT_GE(phases.size(), 5U);
    EXPECT_EQ(std::vector(phases.begin(), phases.begin() + 4),
              (std::vector<std::string>{"hooks", "precheck", "hooks", "reserve"}));
    EXPECT_EQ(std::vector(phases.begin() + 4, phases.begin() + 6), (std::vector<std::string>{"memory", "switch"}))
        << "nothing of theirs in memory or switch";
}

TEST(HooksTest, HearOfTheSwitchOnceTheVmIsAnnounced)
{
    const Hooks hooks{{{"10-a", "/bin/true"}}, Milliseconds(1000)};
    const auto phases = with_hooks(phases::migrate_phases(), hooks);
    const auto all = names(phases);
    ASSERT_EQ(all.size(), phases::migrate_phases().size() + 4);
    EXPECT_EQ(std::vector(all.begin() + 6, all.end()),
              (std::vector<std::string>{"announce", "hooks", "verify", "hooks", "release"}));
    EXPECT_TRUE(phases[7].after_switch && phases[9].after_switch) << "before the switch they could undo what has run";
}

TEST(HooksTest, WithoutHooksThePhasesAreWhatTheyWere)
{
    EXPECT_EQ(names(with_hooks(phases::migrate_phases(), {})), names(phases::migrate_phases()));
}

TEST(HookProcessTest, ReadsItsInputAndIsHeard)
{
    const HookRun run = shell("cat; echo more >&2; exit 3");
    EXPECT_EQ(run.output, "input\nmore\n");
    EXPECT_EQ(run.end, HookRun::End::exited);
    EXPECT_EQ(run.code, 3);
    EXPECT_FALSE(run.good());
}

TEST(HookProcessTest, TheLastLineIsTheLastThatSaysSomething)
{
    HookRun run;
    EXPECT_EQ(run.last_line(), "");
    run.output = "first\nsecond \n\n \t\n";
    EXPECT_EQ(run.last_line(), "second");
    run.output = " \n";
    EXPECT_EQ(run.last_line(), "");
}

TEST(HookProcessTest, OneThatDoesNotReadItsInputIsNoProblem) { EXPECT_TRUE(shell("exec <&-; true").good()); }

TEST(HookProcessTest, AFloodOfWordsIsCutAndDoesNotBlock)
{
    const HookRun run = shell("head -c 1000000 /dev/zero | tr '\\0' x");
    EXPECT_TRUE(run.good());
    EXPECT_EQ(run.output.size(), 64U * 1024);
}

TEST(HookProcessTest, TheLimitHoldsAlsoForOneThatIgnoresTerm)
{
    const Monotonic::time_point start = Monotonic::now();
    const HookRun run = shell("trap '' TERM; while :; do sleep 0.1; done", Milliseconds(100));
    EXPECT_EQ(run.end, HookRun::End::timed_out);
    EXPECT_FALSE(run.good());
    EXPECT_LT(Monotonic::now() - start, std::chrono::seconds(10));
}

TEST(HookProcessTest, AStopEndsIt)
{
    EXPECT_EQ(shell("sleep 30", Milliseconds(60000), true).end, HookRun::End::stopped);
}

TEST(HookProcessTest, WhatCannotBeStartedIsAnError)
{
    const auto run = run_hook({"/nonexistent"}, "", Milliseconds(100), [] { return false; });
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind(), ErrorKind::failed);
}

}  // namespace vmferry::cli
