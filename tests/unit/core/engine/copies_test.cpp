// Goal: a VM that others left broken is settled only by what the two hosts prove, and a human's word never ends a copy
// that runs or the last definition. Method: every pair of what two hosts can show, in both orders.

#include "core/engine/copies.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vmferry::engine {
namespace {

using model::Observation;
using model::RunState;
using model::Side;
using model::StateReason;

Observation copy(RunState state, StateReason reason, bool persistent = true)
{
    Observation seen;
    seen.reachable = true;
    seen.exists = true;
    seen.persistent = persistent;
    seen.state = state;
    seen.reason = reason;
    seen.id = seen.active() ? 3 : -1;
    return seen;
}

Observation running(bool persistent = true) { return copy(RunState::running, StateReason::other, persistent); }
Observation standing() { return copy(RunState::paused, StateReason::migration); }
Observation paused() { return copy(RunState::paused, StateReason::user); }
Observation off() { return copy(RunState::shut_off, StateReason::unknown); }
Observation absent()
{
    Observation seen;
    seen.reachable = true;
    return seen;
}

std::vector<Observation> everything()
{
    Observation working = standing();
    working.job_active = true;
    return {Observation(),
            working,
            running(),
            running(false),
            standing(),
            paused(),
            copy(RunState::paused, StateReason::io_error),
            copy(RunState::running, StateReason::postcopy),
            off(),
            absent()};
}

TEST(Copies, EachPairHasItsRowInBothOrders)
{
    for (const Observation& one : everything()) {
        for (const Observation& other : everything()) {
            const CopyCase here = decide_copies(classify_copy(one), classify_copy(other));
            const CopyCase there = decide_copies(classify_copy(other), classify_copy(one));
            ASSERT_NE(here.row, nullptr);
            EXPECT_EQ(here.row, there.row) << here.row->name;
        }
    }
}

TEST(Copies, NoWordEndsACopyThatRunsOrTheLastDefinition)
{
    for (const Observation& one : everything()) {
        for (const Observation& other : everything()) {
            for (const auto keep : {std::optional<Side>(), std::optional(Side::source), std::optional(Side::target)}) {
                for (const CopyAct& act : acts_for(one, other, keep)) {
                    const Observation& struck = act.side == Side::source ? one : other;
                    const Observation& rest = act.side == Side::source ? other : one;
                    EXPECT_TRUE(struck.reachable && rest.reachable);
                    if (act.kind == CopyAct::Kind::destroy) {
                        EXPECT_TRUE(keep) << "nobody has chosen";
                        EXPECT_EQ(struck.state, RunState::paused);
                        EXPECT_TRUE(rest.active());
                    }
                    if (act.kind == CopyAct::Kind::undefine) {
                        EXPECT_TRUE(rest.persistent) << "the last definition";
                    }
                    if (act.kind == CopyAct::Kind::resume) {
                        EXPECT_NE(classify_copy(rest), CopyIs::running) << "two would run";
                    }
                }
            }
        }
    }
}

using Acts = std::vector<CopyAct>;

TEST(Copies, WhatAMigrationLeftStandingAloneIsResumed)
{
    EXPECT_EQ(acts_for(standing(), absent(), {}), (Acts{{CopyAct::Kind::resume, Side::source}}));
    EXPECT_EQ(acts_for(absent(), standing(), {}), (Acts{{CopyAct::Kind::resume, Side::target}}));
    EXPECT_TRUE(acts_for(standing(), absent(), Side::target).empty());
}

TEST(Copies, ASecondDefinitionIsRemovedOnlyBesideAnother)
{
    EXPECT_EQ(acts_for(running(), off(), {}), (Acts{{CopyAct::Kind::undefine, Side::target}}));
    EXPECT_TRUE(acts_for(running(false), off(), {}).empty());
    EXPECT_TRUE(acts_for(running(), off(), Side::target).empty());
}

TEST(Copies, OfTwoCompleteCopiesAHumanChooses)
{
    EXPECT_TRUE(acts_for(standing(), paused(), {}).empty());
    EXPECT_EQ(acts_for(standing(), paused(), Side::target), (Acts{{CopyAct::Kind::resume, Side::target},
                                                                  {CopyAct::Kind::destroy, Side::source},
                                                                  {CopyAct::Kind::undefine, Side::source}}));
    EXPECT_EQ(acts_for(running(), standing(), Side::source),
              (Acts{{CopyAct::Kind::destroy, Side::target}, {CopyAct::Kind::undefine, Side::target}}));
}

TEST(Copies, WhatAUserPausedStaysPaused)
{
    EXPECT_EQ(acts_for(paused(), off(), Side::source), (Acts{{CopyAct::Kind::undefine, Side::target}}));
}

}  // namespace
}  // namespace vmferry::engine
