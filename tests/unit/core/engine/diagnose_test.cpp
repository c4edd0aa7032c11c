// Goal: what was seen once and cannot be seen any more still counts: a copy that ran at the target makes the source's
// memory older than the disks. Method: two hosts that show one state after the other, in one process and, by the notes
// of the journal, in the next.

#include <gtest/gtest.h>

#include "core/engine/settle.hpp"
#include "tests/support/fake_host.hpp"

namespace vmferry::engine {
namespace {

using model::Observation;
using model::RunState;
using model::Side;
using model::StateReason;

/// Two hosts that show what they are told to.
class Shown final : public world::Hypervisor {
public:
    Observation source;
    Observation target;

    Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address, Milliseconds) override
    {
        auto host = std::make_unique<test::FakeHost>(address.label);
        model::DomainFacts vm;
        vm.uuid = m_vm;
        vm.now = address.label == "kvm1" ? source : target;
        host->add_domain(vm);
        host->is_alive = vm.now.reachable;
        return host;
    }
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::internal, "nothing is moved here");
    }
    [[nodiscard]] const Uuid& vm() const { return m_vm; }

private:
    const Uuid m_vm = Uuid::make_v7();
};

class StillClock final : public world::Clock {
public:
    [[nodiscard]] Milliseconds now() const override { return Milliseconds(0); }
    void sleep(Milliseconds) override {}
};

class Diagnose : public testing::Test {
protected:
    Diagnose()
    {
        plan.transaction = Uuid::make_v7();
        plan.epoch = 7;
        plan.vm_uuid = shown.vm();
        plan.source = "kvm1";
        plan.target = "kvm2";
        before.state.reachable = true;
        before.state.exists = true;
        before.state.state = RunState::running;
        before.state.id = 12;
        at_source(RunState::paused, StateReason::migration);
        at_target(RunState::paused, StateReason::user);
    }

    void at_source(RunState state, StateReason reason, int id = 12)
    {
        shown.source = seen(state, reason, Side::source);
        shown.source.id = shown.source.active() ? id : -1;
    }
    void at_target(RunState state, StateReason reason) { shown.target = seen(state, reason, Side::target); }

    /// The row that a recovery finds now. What it sees goes into the notes that the next process reads.
    std::string_view row(Stage stage)
    {
        Hosts hosts{m_world, {"kvm1", {}, {}}, {"kvm2", {}, {}}};
        Context context{m_world, *m_store, hosts, m_reporter, m_interrupt};
        const Json begin = {{"plan", model::to_json(plan)}, {"before", model::to_json(before)}};
        std::vector<journal::Entry> entries(1);
        entries.front().kind = journal::Kind::begin;
        entries.front().body = begin;
        entries.insert(entries.end(), m_notes.begin(), m_notes.end());
        EXPECT_TRUE(load_transaction(context, entries));
        const Diagnosis diagnosis = diagnose_at(context, {}, stage);
        journal::Entry note;
        note.kind = journal::Kind::note;
        note.object = std::string(k_recovery_note);
        note.body = to_json(diagnosis);
        m_notes.push_back(note);
        return diagnosis.row->name;
    }

    Shown shown;
    model::Plan plan;
    model::BeforeImage before;

private:
    [[nodiscard]] Observation seen(RunState state, StateReason reason, Side side) const
    {
        Observation now;
        now.reachable = true;
        now.exists = true;
        now.persistent = true;
        now.state = state;
        now.reason = reason;
        now.inactive_marker = plan.marker(side);
        if (now.active()) {
            now.id = 3;
            now.live_marker = plan.marker(side);
        }
        return now;
    }

    StillClock m_clock;
    world::World m_world{shown, m_clock, std::launch::deferred};
    std::unique_ptr<journal::Store> m_store = journal::open_memory();
    Reporter m_reporter;
    Interrupt m_interrupt;
    std::vector<journal::Entry> m_notes;
};

TEST_F(Diagnose, ATargetThatWasSeenToRunIsNeverGoneBackFrom)
{
    EXPECT_EQ(row(Stage::intent), "back-both-complete");
    at_target(RunState::running, StateReason::other);
    EXPECT_EQ(row(Stage::intent), "adopt-target");
    at_target(RunState::shut_off, StateReason::destroyed);
    EXPECT_EQ(row(Stage::intent), "commit-target-gone");
    shown.target = {};
    EXPECT_EQ(row(Stage::intent), "commit-target-gone");
    EXPECT_EQ(row(Stage::abort), "commit-target-gone");
}

TEST_F(Diagnose, ACopyThatStandsAgainAfterItRanHasNotJustArrived)
{
    at_target(RunState::running, StateReason::other);
    EXPECT_EQ(row(Stage::intent), "adopt-target");
    at_target(RunState::paused, StateReason::user);
    EXPECT_EQ(row(Stage::intent), "commit-target-stopped");
}

TEST_F(Diagnose, ACopyThatRanAndLostItsMarkerHasRun)
{
    at_target(RunState::running, StateReason::other);
    shown.target.live_marker.reset();
    shown.target.inactive_marker.reset();
    EXPECT_EQ(row(Stage::native), "target-unmarked");
    at_target(RunState::shut_off, StateReason::unknown);
    shown.target.inactive_marker.reset();
    EXPECT_EQ(row(Stage::native), "commit-target-gone");
}

TEST_F(Diagnose, WhatRunsAtTheTargetAfterCommitIsTheVm)
{
    at_target(RunState::running, StateReason::other);
    shown.target.live_marker.reset();
    shown.target.inactive_marker.reset();
    EXPECT_EQ(row(Stage::commit), "commit-forward");
    EXPECT_EQ(row(Stage::fencing), "adopt-target");
    at_source(RunState::shut_off, StateReason::migrated);
    EXPECT_EQ(row(Stage::commit), "commit-forward");
    at_source(RunState::running, StateReason::other);
    EXPECT_EQ(row(Stage::commit), "two-running");
    shown.target.state = RunState::paused;
    EXPECT_EQ(row(Stage::commit), "target-unmarked");
}

TEST_F(Diagnose, AGuestThatShutItselfDownIsNotForgottenByARestartOfTheDaemon)
{
    at_source(RunState::shut_off, StateReason::shutdown);
    EXPECT_EQ(row(Stage::commit), "source-ran-since");
    at_source(RunState::shut_off, StateReason::unknown);
    EXPECT_EQ(row(Stage::commit), "source-ran-since");
}

TEST_F(Diagnose, OfTwoCopiesThatRanAHumanMayChooseEither)
{
    at_target(RunState::running, StateReason::other);
    EXPECT_EQ(row(Stage::intent), "adopt-target");
    at_source(RunState::running, StateReason::other);
    EXPECT_EQ(row(Stage::intent), "two-running");
    at_target(RunState::shut_off, StateReason::destroyed);
    EXPECT_EQ(row(Stage::intent), "back-source-runs");
}

TEST_F(Diagnose, OnlyAGuestThatRanShutsItselfDown)
{
    at_target(RunState::shut_off, StateReason::failed);
    EXPECT_EQ(row(Stage::intent), "back-source-held");
    at_target(RunState::shut_off, StateReason::shutdown);
    EXPECT_EQ(row(Stage::intent), "commit-target-gone");
}

TEST_F(Diagnose, WhereNoFenceWasSentAShutdownIsTheGuests)
{
    plan.switch_mode = model::SwitchMode::fence;
    plan.peer_to_peer = true;
    at_source(RunState::shut_off, StateReason::shutdown);
    shown.source.stream_completed = true;
    EXPECT_EQ(row(Stage::intent), "only-memory-unproven");
    EXPECT_EQ(row(Stage::fencing), "fencing-proved");
}

}  // namespace
}  // namespace vmferry::engine
