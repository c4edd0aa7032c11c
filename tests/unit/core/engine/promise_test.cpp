// Goal: what a move gives up is said, and only of a move that gives something up. Method: the sentence of each way.

#include "core/engine/promise.hpp"

#include <gtest/gtest.h>

namespace vmferry::engine {
namespace {

using model::SwitchMode;

model::Plan guarded_plan()
{
    model::Plan plan;
    plan.vm_name = "web1";
    plan.source = "kvm1";
    plan.target = "kvm2";
    return plan;
}

TEST(Promise, AGuardedMoveGivesNothingUp) { EXPECT_EQ(promise_given_up(guarded_plan()), ""); }

TEST(Promise, EachOtherWayNamesItself)
{
    for (const SwitchMode mode : {SwitchMode::fence, SwitchMode::wait, SwitchMode::native}) {
        model::Plan plan = guarded_plan();
        plan.switch_mode = mode;
        EXPECT_TRUE(promise_given_up(plan).starts_with("--switch "));
    }
}

TEST(Promise, ConsentToPostcopyGivesUpTheWayBack)
{
    model::Plan plan = guarded_plan();
    plan.schedule.postcopy = model::PostCopy::allow;
    EXPECT_TRUE(promise_given_up(plan).starts_with("--postcopy: "));
    plan.schedule.postcopy = model::PostCopy::never;
    plan.schedule.on_timeout = model::OnTimeout::postcopy;
    EXPECT_TRUE(promise_given_up(plan).starts_with("--on-timeout postcopy: "));
}

// It executes nothing, so it converges.
TEST(Promise, APausedVmIsNeverMovedByPostcopy)
{
    model::Plan plan = guarded_plan();
    plan.was_paused = true;
    plan.schedule.postcopy = model::PostCopy::allow;
    EXPECT_EQ(promise_given_up(plan), "");
}

}  // namespace
}  // namespace vmferry::engine
