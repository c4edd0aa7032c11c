// Goal: without the journal nothing is done that only the journal could have allowed. Method: what the hosts show, with
// and without the facts in the target's marker.

#include "core/engine/from_markers.hpp"

#include <gtest/gtest.h>

namespace vmferry::engine {
namespace {

using model::Marker;
using model::Observation;
using model::RunState;
using model::Side;
using model::StateReason;

class FromMarkers : public testing::Test {
protected:
    FromMarkers()
    {
        plan.transaction = Uuid::make_v7();
        plan.epoch = 7;
        plan.source = "kvm1";
        plan.target = "kvm2";
        seen.source.reachable = true;
        seen.target.reachable = true;
    }

    void at_source(SourceIs is, bool marked = true)
    {
        seen.situation.source = is;
        seen.source.exists = true;
        seen.source.state = is == SourceIs::runs ? RunState::running : RunState::shut_off;
        markers.source = marked ? std::optional(plan.marker(Side::source)) : std::nullopt;
    }
    void at_target(TargetIs is, bool committed, bool resumed = false)
    {
        seen.situation.target = is;
        const bool there = is != TargetIs::none && is != TargetIs::foreign && is != TargetIs::unreachable;
        markers.target = there ? std::optional(plan.marker(Side::target)) : std::nullopt;
        if (markers.target) {
            markers.target->committed = committed;
            markers.target->resumed = resumed;
        }
    }
    [[nodiscard]] bool decidable() const { return !undecidable(seen, markers, plan); }

    model::Plan plan;
    Diagnosis seen;
    Markers markers;
};

TEST_F(FromMarkers, TheStageIsWhatTheTargetsMarkerProves)
{
    EXPECT_EQ(stage_of(markers), Stage::intent);
    at_target(TargetIs::complete, false);
    EXPECT_EQ(stage_of(markers), Stage::intent);
    at_target(TargetIs::complete, true);
    EXPECT_EQ(stage_of(markers), Stage::commit);
    at_target(TargetIs::running, true, true);
    EXPECT_EQ(stage_of(markers), Stage::resumed);
}

TEST_F(FromMarkers, ATargetThatDoesNotAnswerMayOwnTheVm)
{
    for (const SourceIs source : {SourceIs::runs, SourceIs::held, SourceIs::ended}) {
        at_source(source);
        at_target(TargetIs::unreachable, false);
        EXPECT_FALSE(decidable());
    }
    at_source(SourceIs::held);
    at_target(TargetIs::dead, false);
    EXPECT_FALSE(decidable());
    at_source(SourceIs::runs);
    EXPECT_TRUE(decidable());
}

TEST_F(FromMarkers, ATransientCopyThatIsGoneTellsNothing)
{
    at_source(SourceIs::held);
    at_target(TargetIs::none, false);
    EXPECT_TRUE(decidable());
    plan.persistent = false;
    EXPECT_FALSE(decidable());
}

TEST_F(FromMarkers, ADefinitionWithoutAMarkerMayHaveRun)
{
    at_source(SourceIs::held);
    at_target(TargetIs::foreign, false);
    EXPECT_FALSE(decidable());
}

TEST_F(FromMarkers, AnOwnerThatIsOffMayHaveRunUnlessItSaysSo)
{
    at_source(SourceIs::ended);
    at_target(TargetIs::defined, true);
    EXPECT_FALSE(decidable());
    at_target(TargetIs::defined, true, true);
    EXPECT_TRUE(decidable());
}

TEST_F(FromMarkers, ASourceWithoutItsMarkerMayHaveBeenPutBack)
{
    at_source(SourceIs::died, false);
    at_target(TargetIs::complete, true);
    EXPECT_FALSE(decidable());
    at_source(SourceIs::died);
    EXPECT_TRUE(decidable());
}

TEST_F(FromMarkers, AJournalThatTheHostsHaveOvertakenIsOld)
{
    seen.situation.stage = Stage::intent;
    seen.target.exists = true;
    seen.target.state = RunState::paused;
    seen.target.live_marker = plan.marker(Side::target);
    EXPECT_FALSE(older_than_hosts(seen, plan));
    seen.target.live_marker->committed = true;
    EXPECT_TRUE(older_than_hosts(seen, plan));
    seen.situation.stage = Stage::abort;
    EXPECT_FALSE(older_than_hosts(seen, plan));
    seen.target.live_marker->transaction = Uuid::make_v7();
    EXPECT_TRUE(older_than_hosts(seen, plan));
    seen.target.live_marker->epoch = 6;
    EXPECT_FALSE(older_than_hosts(seen, plan));
}

}  // namespace
}  // namespace vmferry::engine
