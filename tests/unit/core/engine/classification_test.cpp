// Goal: what a host shows is read as what it means, and never as more than it proves.
// Method: each state and reason that libvirt was seen to show at some point of a move.

#include "core/engine/recovery.hpp"

#include <gtest/gtest.h>

namespace vmferry::engine {
namespace {

using model::Observation;
using model::RunState;
using model::StateReason;

class Classification : public testing::Test {
protected:
    Classification()
    {
        plan.transaction = Uuid::make_v7();
        plan.epoch = 7;
        before.state.reachable = true;
        before.state.exists = true;
        before.state.state = RunState::running;
        before.state.id = 12;
        before.state.cpu_time_ns = 1000;
    }

    /// A domain that carries our marker wherever it can.
    [[nodiscard]] Observation seen(RunState state, StateReason reason, model::Side side) const
    {
        Observation now;
        now.reachable = true;
        now.exists = true;
        now.persistent = true;
        now.state = state;
        now.reason = reason;
        now.inactive_marker = plan.marker(side);
        if (now.active()) {
            now.id = 12;
            now.cpu_time_ns = 2000;
            now.live_marker = plan.marker(side);
        }
        return now;
    }
    [[nodiscard]] SourceIs source(RunState state, StateReason reason) const
    {
        return classify_source(seen(state, reason, model::Side::source), before, plan, false);
    }
    [[nodiscard]] TargetIs target(RunState state, StateReason reason) const
    {
        return classify_target(seen(state, reason, model::Side::target), plan, false);
    }

    model::Plan plan;
    model::BeforeImage before;
};

TEST_F(Classification, SilenceIsDeathOnlyByTheOperatorsWord)
{
    EXPECT_EQ(classify_source({}, before, plan, false), SourceIs::unreachable);
    EXPECT_EQ(classify_source({}, before, plan, true), SourceIs::dead);
    EXPECT_EQ(classify_target({}, plan, false), TargetIs::unreachable);
    EXPECT_EQ(classify_target({}, plan, true), TargetIs::dead);
}

TEST_F(Classification, AHostThatAnswersIsNeverDead)
{
    const Observation runs = seen(RunState::running, StateReason::other, model::Side::source);
    EXPECT_EQ(classify_source(runs, before, plan, true), SourceIs::runs);
    EXPECT_EQ(classify_target(seen(RunState::running, StateReason::other, model::Side::target), plan, true),
              TargetIs::running);
}

TEST_F(Classification, SourceStoppedForTheSwitchIsHeld)
{
    EXPECT_EQ(source(RunState::paused, StateReason::migration), SourceIs::held);
}

TEST_F(Classification, SourcePausedByAHumanIsNotHeld)
{
    EXPECT_EQ(source(RunState::paused, StateReason::user), SourceIs::paused_other);
    EXPECT_EQ(source(RunState::paused, StateReason::io_error), SourceIs::paused_other);
    EXPECT_EQ(source(RunState::paused, StateReason::unknown), SourceIs::paused_other);
    EXPECT_EQ(source(RunState::pm_suspended, StateReason::other), SourceIs::paused_other);
}

TEST_F(Classification, SourceThatItsUserHadPausedIsHeld)
{
    plan.was_paused = true;
    EXPECT_EQ(source(RunState::paused, StateReason::user), SourceIs::held);
    EXPECT_EQ(source(RunState::paused, StateReason::io_error), SourceIs::paused_other);
}

TEST_F(Classification, AnActiveJobOutweighsTheState)
{
    Observation now = seen(RunState::paused, StateReason::migration, model::Side::source);
    now.job_active = true;
    EXPECT_EQ(classify_source(now, before, plan, false), SourceIs::working);
}

TEST_F(Classification, ASourceThatIsJustEndingIsLookedAtAgain)
{
    EXPECT_EQ(source(RunState::shutting_down, StateReason::unknown), SourceIs::working);
}

TEST_F(Classification, InPostcopyTheJobStaysAndTellsNothing)
{
    for (const StateReason reason : {StateReason::postcopy, StateReason::postcopy_failed}) {
        Observation now = seen(RunState::paused, reason, model::Side::source);
        now.job_active = true;
        EXPECT_EQ(classify_source(now, before, plan, false), SourceIs::postcopy);
        now.id = 13;
        EXPECT_EQ(classify_source(now, before, plan, false), SourceIs::working);
    }
    EXPECT_EQ(target(RunState::running, StateReason::postcopy), TargetIs::postcopy);
    EXPECT_EQ(target(RunState::running, StateReason::postcopy_failed), TargetIs::broken);
    EXPECT_EQ(target(RunState::running, StateReason::migrated), TargetIs::running);
}

TEST_F(Classification, ATargetThatAFullDiskStopsInPostcopyHasNotGotItsMemory)
{
    Observation now = seen(RunState::paused, StateReason::io_error, model::Side::target);
    EXPECT_EQ(classify_target(now, plan, false), TargetIs::halted);
    now.job_active = true;
    EXPECT_EQ(classify_target(now, plan, false), TargetIs::halted);
    plan.schedule.postcopy = model::PostCopy::allow;
    EXPECT_EQ(classify_target(now, plan, false), TargetIs::postcopy);
}

TEST_F(Classification, AnotherIdIsAnotherInstance)
{
    Observation now = seen(RunState::running, StateReason::other, model::Side::source);
    now.id = 13;
    EXPECT_EQ(classify_source(now, before, plan, false), SourceIs::other_instance);
}

TEST_F(Classification, TheSameIdWithLessProcessorTimeIsAnotherInstance)
{
    // A rebooted host counts its ids from 1 again.
    Observation now = seen(RunState::running, StateReason::other, model::Side::source);
    now.cpu_time_ns = before.state.cpu_time_ns - 1;
    EXPECT_EQ(classify_source(now, before, plan, false), SourceIs::other_instance);
}

TEST_F(Classification, OnlyConfirmProvesThatTheSourceHasNotRunOn)
{
    EXPECT_EQ(source(RunState::shut_off, StateReason::migrated), SourceIs::ended);
    EXPECT_EQ(source(RunState::shut_off, StateReason::shutdown), SourceIs::stopped);
    EXPECT_EQ(source(RunState::shut_off, StateReason::destroyed), SourceIs::stopped);
    EXPECT_EQ(source(RunState::shut_off, StateReason::crashed), SourceIs::died);
    EXPECT_EQ(source(RunState::shut_off, StateReason::failed), SourceIs::died);
    EXPECT_EQ(source(RunState::crashed, StateReason::other), SourceIs::died);
}

TEST_F(Classification, ReasonsThatARestartOfTheDaemonForgotProveNothing)
{
    EXPECT_EQ(source(RunState::shut_off, StateReason::unknown), SourceIs::died);
}

TEST_F(Classification, AVanishedTransientSourceProvesNothing)
{
    Observation gone;
    gone.reachable = true;
    EXPECT_EQ(classify_source(gone, before, plan, false), SourceIs::died);
}

TEST_F(Classification, TargetIsIncomingUntilLibvirtSaysComplete)
{
    EXPECT_EQ(target(RunState::paused, StateReason::migration), TargetIs::incoming);
    EXPECT_EQ(target(RunState::paused, StateReason::starting_up), TargetIs::incoming);
    EXPECT_EQ(target(RunState::paused, StateReason::user), TargetIs::complete);
}

TEST_F(Classification, TargetThatStandsForAnyOtherReasonHasRun)
{
    EXPECT_EQ(target(RunState::running, StateReason::other), TargetIs::running);
    EXPECT_EQ(target(RunState::paused, StateReason::io_error), TargetIs::halted);
    EXPECT_EQ(target(RunState::paused, StateReason::unknown), TargetIs::halted);
    EXPECT_EQ(target(RunState::pm_suspended, StateReason::other), TargetIs::halted);
    EXPECT_EQ(target(RunState::shutting_down, StateReason::other), TargetIs::halted);
}

TEST_F(Classification, ATargetThatLibvirtStartsByItselfHasRunWhenItStands)
{
    plan.switch_mode = model::SwitchMode::native;
    EXPECT_EQ(target(RunState::paused, StateReason::user), TargetIs::halted);
    EXPECT_EQ(target(RunState::paused, StateReason::migration), TargetIs::incoming);
    plan.was_paused = true;
    EXPECT_EQ(target(RunState::paused, StateReason::user), TargetIs::complete);
}

TEST_F(Classification, ActiveTargetWithoutOurMarkerIsUnmarked)
{
    Observation other = seen(RunState::paused, StateReason::user, model::Side::target);
    other.live_marker.reset();
    EXPECT_EQ(classify_target(other, plan, false), TargetIs::unmarked);
    other.live_marker = plan.marker(model::Side::target);
    other.live_marker->epoch = plan.epoch - 1;
    EXPECT_EQ(classify_target(other, plan, false), TargetIs::unmarked);
    other.live_marker = plan.marker(model::Side::target);
    other.live_marker->transaction = Uuid::make_v7();
    EXPECT_EQ(classify_target(other, plan, false), TargetIs::unmarked);
}

TEST_F(Classification, AMarkerInTheOtherDefinitionDoesNotCount)
{
    Observation runs = seen(RunState::running, StateReason::other, model::Side::target);
    runs.live_marker.reset();
    EXPECT_EQ(classify_target(runs, plan, false), TargetIs::unmarked);
    Observation off = seen(RunState::shut_off, StateReason::destroyed, model::Side::target);
    EXPECT_EQ(classify_target(off, plan, false), TargetIs::defined);
    off.inactive_marker.reset();
    off.live_marker = plan.marker(model::Side::target);
    EXPECT_EQ(classify_target(off, plan, false), TargetIs::foreign);
}

TEST_F(Classification, AnAbsentTargetIsNone)
{
    Observation gone;
    gone.reachable = true;
    EXPECT_EQ(classify_target(gone, plan, false), TargetIs::none);
}

}  // namespace
}  // namespace vmferry::engine
