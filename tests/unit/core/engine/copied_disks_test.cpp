// Goal: no image is taken back in which the guest may have written, and no other than ours. Method: the journal's
// entries in the orders in which a move can leave them.

#include "core/engine/copied_disks.hpp"

#include <gtest/gtest.h>

#include "core/engine/losing.hpp"
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
    plan.copies.disks.push_back({"vda", "/a", "raw", "/b/a", "raw", "", "", "pool-a", 1, 1, {}, {}});
    plan.copies.disks.push_back({"vdb", "/c", "raw", "/c", "raw", "", "", "pool-c", 1, 1, {}, {}});
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

class Nobody final : public world::Hypervisor, public world::Clock {
public:
    Result<std::unique_ptr<world::Host>> open(const model::HostAddress&, Milliseconds) override
    {
        return fail(ErrorKind::unreachable, "nobody answers");
    }
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::unreachable, "nobody answers");
    }
    [[nodiscard]] Milliseconds now() const override { return Milliseconds(0); }
    void sleep(Milliseconds) override {}
};

/// What is said of a VM that was lost at that stage.
Outcome lost_at(Stage stage)
{
    Nobody nobody;
    world::World world{nobody, nobody, std::launch::deferred};
    const auto store = journal::open_memory();
    Hosts hosts(world, {"kvm1", "", ""}, {"kvm2", "", ""});
    Reporter reporter;
    Interrupt interrupt;
    Context context(world, *store, hosts, reporter, interrupt);
    context.plan = plan_of_two();
    context.plan.source = "kvm1";
    context.plan.target = "kvm2";
    Situation situation;
    situation.stage = stage;
    describe_loss(context, situation);
    return context.outcome;
}

TEST(CopiedImages, ALossBeforeCommitNamesTheSourcesDisksAlone)
{
    const Outcome outcome = lost_at(Stage::intent);
    ASSERT_FALSE(outcome.intact.empty());
    EXPECT_EQ(outcome.intact.front(), "its disks, as the guest last wrote them");
    ASSERT_EQ(outcome.commands.size(), 1U);
}

TEST(CopiedImages, ALossAfterCommitNamesBothSetsAndPutsTheNewerFirst)
{
    for (const Stage stage : {Stage::commit, Stage::resumed}) {
        const Outcome outcome = lost_at(stage);
        ASSERT_EQ(outcome.intact.size(), 2U);
        EXPECT_NE(outcome.intact[0].find("/b/a on kvm2, /c on kvm2"), std::string::npos) << outcome.intact[0];
        EXPECT_NE(outcome.intact[1].find("kvm1, as they were at the switch"), std::string::npos) << outcome.intact[1];
        ASSERT_EQ(outcome.commands.size(), 2U);
    }
}

TEST(CopiedImages, AreAmongTheFilesOfWhichOnlyAMarkerTells)
{
    EXPECT_EQ(files_at_target(plan_of_two()), (std::vector<std::string>{"/b/a", "/c", "/nvram/web1"}));
    EXPECT_TRUE(files_at_target({}).empty());
}

}  // namespace
}  // namespace vmferry::engine
