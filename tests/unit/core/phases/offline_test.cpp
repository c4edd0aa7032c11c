// Goal: whatever ends a storage-move of a VM that is off, and wherever, its definition names images that hold all that
// was written, and nothing is left over. Method: the real plan, phases, engine and journal over a VM that humans start,
// use and stop at each call of vmferry, which is killed before and after each of its calls and journal writes, in
// recovery too.

#include "core/phases/offline.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/phases/storage_story.hpp"

namespace vmferry::phases {
namespace {

struct StillStory : Story {
    StillStory()
    {
        truth.written = 7;
        for (auto& [path, content] : truth.images) {
            content = truth.written;
        }
        truth.destroy();
    }
};

bool names_new(const Story& story) { return story.truth.disks.at("vda").inactive.starts_with("/new"); }

int calls_of_a_whole_move()
{
    StillStory story;
    story.move();
    return story.truth.calls();
}

/// What nobody decides without a human: he starts the VM, which has what its definition names, and it is settled.
void settle_and_judge(Story& story, const std::string& name)
{
    story.settle_until_final();
    expect_whole(story, name);
}

TEST(OfflineStorageMove, MovesAllDisksAndLosesNothing)
{
    StillStory story;
    story.move();
    ASSERT_TRUE(story.outcome);
    EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
    EXPECT_TRUE(names_new(story));
    EXPECT_FALSE(story.truth.active);
    expect_whole(story, "whole");
}

TEST(OfflineStorageMove, TheWayBackOfACommittedMove)
{
    StillStory story;
    story.move();
    story.move_back();
    ASSERT_TRUE(story.outcome);
    EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
    EXPECT_FALSE(names_new(story));
    expect_whole(story, "back");
}

TEST(OfflineStorageMove, KilledAtEachCallItIsSettledOnOneSide)
{
    const int calls = calls_of_a_whole_move();
    ASSERT_GT(calls, 20);
    for (int call = 1; call <= calls; ++call) {
        for (const bool after : {false, true}) {
            StillStory story;
            story.truth.kill_at_call = call;
            story.truth.kill_after_effect = after;
            story.move();
            const std::string name = "killed " + std::string(after ? "after " : "before ") + std::to_string(call);
            settle_and_judge(story, name);
            EXPECT_FALSE(story.truth.active) << name;
        }
    }
}

TEST(OfflineStorageMove, KilledInRecoveryTooItIsSettledOnOneSide)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        for (int again = 1; again < 40; again += 3) {
            StillStory story;
            story.truth.kill_at_call = call;
            story.truth.kill_after_effect = true;
            story.move();
            if (!story.store->find(story.transaction.str())) {
                break;
            }
            Life life(story.truth, *story.store);
            story.truth.kill_at_call = again;
            story.outcome = life.settle(story.transaction);
            const bool ended = story.outcome.has_value();
            settle_and_judge(story, "killed after " + std::to_string(call) + " and " + std::to_string(again));
            if (ended) {
                break;
            }
        }
    }
}

TEST(OfflineStorageMove, AHumanStartsItAtEachCall)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        StillStory story;
        story.truth.events[call] = [&] { story.truth.start(); };
        story.move();
        const std::string name = "started at " + std::to_string(call);
        settle_and_judge(story, name);
        EXPECT_TRUE(story.truth.active) << name;
    }
}

TEST(OfflineStorageMove, AHumanUsesItAtEachCall)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        StillStory story;
        story.truth.events[call] = [&] { story.truth.use(); };
        story.move();
        settle_and_judge(story, "used at " + std::to_string(call));
    }
}

TEST(OfflineStorageMove, AHumanUsesItAfterVmferryWasKilledAtEachCall)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        for (const bool after : {false, true}) {
            StillStory story;
            story.truth.kill_at_call = call;
            story.truth.kill_after_effect = after;
            story.move();
            story.truth.use();
            settle_and_judge(story, "killed at " + std::to_string(call) + ", then used");
        }
    }
}

TEST(OfflineStorageMove, AHumanUsesItAtEachCallAndVmferryIsKilledAtTheNext)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call < calls; ++call) {
        StillStory story;
        story.truth.events[call] = [&] { story.truth.use(); };
        story.truth.kill_at_call = call + 1;
        story.truth.kill_after_effect = true;
        story.move();
        settle_and_judge(story, "used at " + std::to_string(call) + ", then killed");
    }
}

TEST(OfflineStorageMove, FormatChainAndTicketNeedARunningVm)
{
    for (const auto& change : std::initializer_list<void (*)(StorageRequest&)>{
             [](StorageRequest& one) { one.format = "qcow2"; }, [](StorageRequest& one) { one.shallow = true; },
             [](StorageRequest& one) { one.return_ticket = true; }}) {
        StillStory story;
        change(story.request);
        Life life(story.truth, *story.store);
        const auto planned = life.plan_only(story.request);
        ASSERT_FALSE(planned);
        EXPECT_EQ(planned.error().id(), "VMF-E223");
    }
}

}  // namespace
}  // namespace vmferry::phases
