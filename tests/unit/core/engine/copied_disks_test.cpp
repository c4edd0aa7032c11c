// Goal: no image is taken back in which the guest may have written, and no other than ours. Method: the journal's
// entries in the orders in which a move can leave them.

#include "core/engine/copied_disks.hpp"

#include <gtest/gtest.h>

#include "core/engine/marked_ledger.hpp"
#include "core/engine/recovery.hpp"

namespace vmferry::engine {
namespace {

using journal::Kind;

journal::Entry entry(Kind kind, Json body = Json::object(), const std::string& object = {})
{
    journal::Entry one;
    one.kind = kind;
    one.object = object;
    one.body = std::move(body);
    return one;
}

Json stood(TargetIs target) { return abort_body(to_string(target)); }

TEST(CopiedImages, MayBeNewerFromCommitOn)
{
    const std::vector<journal::Entry> before{entry(Kind::begin), entry(Kind::switch_intent)};
    EXPECT_FALSE(target_may_have_written(before));
    for (const Kind kind : {Kind::commit, Kind::resumed}) {
        auto entries = before;
        entries.push_back(entry(kind));
        EXPECT_TRUE(target_may_have_written(entries));
    }
}

TEST(CopiedImages, AWayBackTakesThemOnlyWhenTheTargetWasSeenToHaveExecutedNothing)
{
    const auto after = [](TargetIs target) {
        return target_may_have_written(std::vector{entry(Kind::commit), entry(Kind::abort_intent, stood(target))});
    };
    EXPECT_FALSE(after(TargetIs::complete));
    EXPECT_FALSE(after(TargetIs::incoming));
    for (const TargetIs target : {TargetIs::none, TargetIs::defined, TargetIs::foreign, TargetIs::unreachable,
                                  TargetIs::dead, TargetIs::running, TargetIs::halted}) {
        EXPECT_TRUE(after(target)) << to_string(target);
    }
    // An entry of before there were copies.
    EXPECT_TRUE(target_may_have_written(std::vector{entry(Kind::commit), entry(Kind::abort_intent)}));
}

TEST(CopiedImages, WithoutCommitNobodyHasStartedTheTarget)
{
    EXPECT_FALSE(target_may_have_written(
        std::vector{entry(Kind::switch_intent), entry(Kind::abort_intent, stood(TargetIs::unreachable))}));
}

model::Plan plan_of_two()
{
    model::Plan plan;
    plan.nvram = "/nvram/web1";
    plan.copies.wanted = true;
    plan.copies.disks.push_back({"vda", "/a", "raw", "/b/a", "raw", "", "", "pool-a", 1, 1});
    plan.copies.disks.push_back({"vdb", "/c", "raw", "/c", "raw", "", "", "pool-c", 1, 1});
    return plan;
}

TEST(CopiedImages, WhatWasDecidedAfterBeginIsReadFromTheJournal)
{
    model::Plan plan = plan_of_two();
    apply_decided_copies(plan, std::vector{entry(Kind::begin), entry(Kind::note, {{"row", "x"}}, "recovery")});
    EXPECT_EQ(plan.copies.disks.size(), 2U);
    apply_decided_copies(plan, std::vector{entry(Kind::note, {{"disks", {"vdb"}}}, "copies")});
    ASSERT_EQ(plan.copies.disks.size(), 1U);
    EXPECT_EQ(plan.copies.disks.front().to, "/c");
    apply_decided_copies(plan, std::vector{entry(Kind::note, {{"disks", Json::array()}}, "copies")});
    EXPECT_FALSE(plan.copies.any());
}

TEST(CopiedImages, AreAmongTheFilesOfWhichOnlyAMarkerTells)
{
    EXPECT_EQ(files_at_target(plan_of_two()), (std::vector<std::string>{"/b/a", "/c", "/nvram/web1"}));
    EXPECT_TRUE(files_at_target({}).empty());
}

}  // namespace
}  // namespace vmferry::engine
