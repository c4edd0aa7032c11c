// Goal: whatever ends a storage-move, and wherever, no acknowledged write is lost, the disks end on one side, and
// nothing is left over. Method: the real plan, phases, engine and journal over a VM whose guest writes at every call;
// vmferry is killed before and after each of its calls and journal writes, in recovery too; the VM is ended, or let
// run by a human, at each of them; disks refuse to change; libvirt forgets to rewrite the definition.

#include "core/phases/storage.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/phases/storage_story.hpp"

namespace vmferry::phases {
namespace {

bool is_moved(const Story& story) { return story.truth.disks.at("vda").inactive.starts_with("/new"); }

int calls_of_a_whole_move()
{
    Story story;
    story.move();
    return story.truth.calls();
}

TEST(StorageMove, MovesAllDisksAndLosesNothing)
{
    Story story;
    story.move();
    ASSERT_TRUE(story.outcome);
    EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
    EXPECT_TRUE(is_moved(story));
    expect_whole(story, "whole");
}

TEST(StorageMove, KilledAtEachCallItIsSettledOnOneSide)
{
    const int calls = calls_of_a_whole_move();
    ASSERT_GT(calls, 40);
    int moved = 0;
    for (int call = 1; call <= calls; ++call) {
        for (const bool after : {false, true}) {
            Story story;
            story.truth.kill_at_call = call;
            story.truth.kill_after_effect = after;
            story.move();
            ASSERT_FALSE(story.outcome);
            story.settle();
            expect_whole(story, "killed at " + std::to_string(call) + (after ? " after" : " before"));
            moved += is_moved(story) ? 1 : 0;
        }
    }
    EXPECT_GT(moved, 10);
    EXPECT_LT(moved, 2 * calls - 10);
}

TEST(StorageMove, KilledInRecoveryAsWell)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        for (int again = 1; again < 60; ++again) {
            Story story;
            story.truth.kill_at_call = call;
            story.truth.kill_after_effect = again % 2 == 0;
            story.move();
            if (!story.store->find(story.transaction.str())) {
                break;
            }
            story.truth.kill_at_call = again;
            Life second(story.truth, *story.store);
            story.outcome = second.settle(story.transaction);
            const bool over = story.outcome.has_value();
            if (!over) {
                story.settle();
            }
            expect_whole(story, "killed at " + std::to_string(call) + ", again at " + std::to_string(again));
            if (over) {
                break;
            }
        }
    }
}

TEST(StorageMove, TheVmIsEndedAtEachCall)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        for (const bool killed : {false, true}) {
            Story story;
            story.truth.events[call] = [&] { story.truth.destroy(); };
            story.truth.kill_at_call = killed ? call : -1;
            story.move();
            story.settle_until_final();
            expect_whole(story, "ended at " + std::to_string(call) + (killed ? ", vmferry too" : ""));
        }
    }
}

TEST(StorageMove, ANewInstanceThatWePausedByMistakeIsNotLeftStanding)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        Story story;
        story.truth.events[call] = [&] {
            story.truth.destroy();
            story.truth.start();
        };
        story.move();
        story.settle_until_final();
        expect_whole(story, "restarted at " + std::to_string(call));
    }
}

TEST(StorageMove, AHumanLetsItRunOrRestartsItAtEachCall)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        for (const bool restart : {false, true}) {
            Story story;
            story.truth.events[call] = [&] {
                if (restart) {
                    story.truth.destroy();
                    story.truth.start();
                }
                story.truth.paused = false;
            };
            story.truth.kill_at_call = call + 1;
            story.move();
            // It goes on for hours before anybody looks.
            story.truth.paused = false;
            story.truth.written += 1000;
            for (auto& [target, disk] : story.truth.disks) {
                story.truth.images[disk.live] = story.truth.written;
                if (disk.ready) {
                    story.truth.images[disk.copy] = story.truth.written;
                }
            }
            story.settle_until_final();
            expect_whole(story, (restart ? "restarted at " : "let run at ") + std::to_string(call));
        }
    }
}

TEST(StorageMove, ADiskThatWillNotChangeBringsTheOthersBack)
{
    for (const char* target : {"vda", "vdb"}) {
        Story story;
        story.truth.refuses_pivot = {target};
        story.move();
        ASSERT_TRUE(story.outcome);
        EXPECT_EQ(story.outcome->kind, OutcomeKind::rolled_back) << target;
        EXPECT_FALSE(is_moved(story)) << target;
        expect_whole(story, std::string("refused by ") + target);
    }
}

TEST(StorageMove, KilledAtEachCallWhileADiskWillNotChange)
{
    for (int call = 1; call <= 160; ++call) {
        Story story;
        story.truth.refuses_pivot = {"vdb"};
        story.truth.kill_at_call = call;
        story.move();
        if (!story.outcome) {
            story.settle();
        }
        expect_whole(story, "vdb refuses, killed at " + std::to_string(call));
    }
}

TEST(StorageMove, AForgottenDefinitionIsWrittenBeforeTheGuestRunsOn)
{
    const int calls = calls_of_a_whole_move() + 10;
    for (int call = 1; call <= calls; ++call) {
        Story story;
        story.truth.forgets_definition = {"vda"};
        story.truth.kill_at_call = call;
        story.move();
        if (!story.outcome) {
            story.settle();
        }
        expect_whole(story, "forgotten, killed at " + std::to_string(call));
    }
}

TEST(StorageMove, AnImageThatAppearsMeanwhileIsNeitherOverwrittenNorRemoved)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        Story story;
        bool ours = false;
        story.truth.events[call] = [&] {
            ours = story.truth.images.contains("/new/vdb");
            if (!ours && !story.truth.uses("/new/vdb")) {
                story.truth.images["/new/vdb"] = 4711;
            }
        };
        story.move();
        const bool there = story.truth.images.contains("/new/vdb");
        EXPECT_TRUE(there || ours) << "at " << call;
        if (!ours && !is_moved(story)) {
            EXPECT_EQ(story.truth.images["/new/vdb"], 4711U) << "at " << call;
        }
    }
}

Story kept_story(bool ticket)
{
    Story story;
    story.request.keep_source = !ticket;
    story.request.return_ticket = ticket;
    story.move();
    return story;
}

TEST(StorageMove, KeptImagesStayAndTheWayBackUsesThem)
{
    for (const bool ticket : {false, true}) {
        Story story = kept_story(ticket);
        ASSERT_TRUE(story.outcome);
        EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
        EXPECT_TRUE(is_moved(story));
        EXPECT_EQ(story.truth.images.size(), 4U);
        EXPECT_EQ(story.truth.disks["vda"].copy, ticket ? "/old/vda" : "");
        story.move_back();
        ASSERT_TRUE(story.outcome);
        EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
        EXPECT_FALSE(is_moved(story));
        expect_whole(story, ticket ? "ticket" : "kept");
    }
}

TEST(StorageMove, ATicketEndsWithTheVmAndTheWayBackLosesNothing)
{
    Story story = kept_story(true);
    story.truth.destroy();
    story.truth.start();
    story.move_back();
    ASSERT_TRUE(story.outcome);
    EXPECT_EQ(story.outcome->kind, OutcomeKind::committed);
    expect_whole(story, "void ticket");
}

TEST(StorageMove, WithATicketItIsKilledAtEachCallOnTheWayThereAndBack)
{
    Story whole = kept_story(true);
    const int there = whole.truth.calls();
    whole.move_back();
    const int back = whole.truth.calls();
    for (int call = 1; call <= there; ++call) {
        Story story;
        story.request.return_ticket = true;
        story.truth.kill_at_call = call;
        story.truth.kill_after_effect = call % 2 == 0;
        story.move();
        story.settle();
        const std::string name = "killed at " + std::to_string(call);
        ASSERT_TRUE(story.outcome) << name;
        if (is_moved(story)) {
            EXPECT_EQ(story.truth.images.size(), 4U) << name;
            story.move_back();
        }
        EXPECT_FALSE(is_moved(story)) << name;
        expect_whole(story, name);
    }
    for (int call = 1; call <= back; ++call) {
        Story story = kept_story(true);
        story.truth.kill_at_call = call;
        story.truth.kill_after_effect = call % 2 == 0;
        story.move_back();
        story.settle();
        const std::string name = "killed on the way back at " + std::to_string(call);
        ASSERT_TRUE(story.outcome) << name;
        EXPECT_TRUE(story.truth.damage.empty()) << name << ": " << story.truth.damage.front();
        EXPECT_FALSE(story.truth.paused) << name;
        for (const auto& [target, disk] : story.truth.disks) {
            EXPECT_EQ(story.truth.images[disk.live], story.truth.written) << name << ": " << target;
            EXPECT_EQ(disk.live, disk.inactive) << name << ": " << target;
            EXPECT_TRUE(story.truth.images.contains("/old/" + target)) << name << ": what was kept is gone";
        }
    }
}

TEST(StorageMove, WhatWasKeptIsReleasedUnlessItIsInUseAgain)
{
    Story story = kept_story(true);
    ASSERT_TRUE(Life(story.truth, *story.store).release(story.transaction));
    EXPECT_EQ(story.truth.images.size(), 2U);
    EXPECT_TRUE(story.truth.problems().empty());
    EXPECT_TRUE(engine::kept_images(*story.store->entries(story.transaction)).empty());

    Story back = kept_story(false);
    const Uuid first = back.transaction;
    back.move_back();
    ASSERT_TRUE(Life(back.truth, *back.store).release(first));
    EXPECT_TRUE(back.truth.problems().empty());
    expect_whole(back, "in use again");
}

TEST(StorageMove, AFileThatWasNotKeptIsNotWrittenOver)
{
    Story story;
    story.move();
    story.truth.images["/old/vda"] = 4711;
    const auto entries = story.store->entries(story.transaction);
    const auto plan = model::plan_from_json(entries->front().body->at("plan"));
    ASSERT_TRUE(plan);
    const auto refused = Life(story.truth, *story.store).plan_only(way_back(*plan, false));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().id(), "VMF-E204");
}

TEST(StorageMove, ANewImageThatSomebodyRemovesIsNoticed)
{
    const int calls = calls_of_a_whole_move();
    for (int call = 1; call <= calls; ++call) {
        Story story;
        story.truth.events[call] = [&] {
            const StorageWorld::Disk& disk = story.truth.disks["vdb"];
            if (disk.copy == "/new/vdb" && !disk.ready) {
                story.truth.images.erase("/new/vdb");
            }
        };
        story.move();
        ASSERT_TRUE(story.outcome);
        expect_whole(story, "removed at " + std::to_string(call));
    }
}

/// Killed in the middle.
Story broken_off()
{
    Story story;
    story.truth.kill_at_call = calls_of_a_whole_move() / 2;
    story.move();
    return story;
}

TEST(StorageMove, AnOlderCopyOfTheJournalChangesNothing)
{
    Story story = broken_off();
    ASSERT_TRUE(story.truth.marker);
    story.truth.marker->transaction = Uuid::make_v7();
    ++story.truth.marker->epoch;
    const size_t images = story.truth.images.size();
    story.settle();
    ASSERT_TRUE(story.outcome);
    EXPECT_EQ(story.outcome->kind, OutcomeKind::in_doubt);
    ASSERT_TRUE(story.outcome->error);
    EXPECT_EQ(story.outcome->error->id(), "VMF-E178");
    EXPECT_EQ(story.truth.images.size(), images);
    EXPECT_TRUE(story.truth.marker);
}

TEST(StorageMove, ItsMarkerAloneSettlesNothing)
{
    Story story = broken_off();
    ASSERT_TRUE(story.truth.marker);
    EXPECT_EQ(story.truth.marker->role, model::Side::source);
    const auto empty = journal::open_memory(journal::Hashing::off);
    const auto rebuilt = Life(story.truth, *empty).rebuild(*story.truth.marker);
    ASSERT_FALSE(rebuilt);
    EXPECT_EQ(rebuilt.error().kind(), ErrorKind::failed);
    EXPECT_NE(rebuilt.error().what().find("storage-move"), std::string::npos);
}

}  // namespace
}  // namespace vmferry::phases
