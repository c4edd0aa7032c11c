// Goal: whatever fails, the VM ends in one of its two places, and nothing is left over.
// Method: the real engine and journal over simulated hosts; all single faults, many pairs, random ones.

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "tests/sim/explorer.hpp"

namespace vmferry::sim {
namespace {

/// The sanitizers look at the program, not at the stories: they get a part of those.
#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t k_slower = 8;
#else
constexpr uint64_t k_slower = 1;
#endif

class Simulator : public testing::Test {
protected:
    Simulator() { spdlog::set_level(spdlog::level::off); }
};

/// A fault at the n-th point of that kind and name in a move without faults.
struct At {
    PointKind kind;
    std::string name;
    std::string fault;
    int nth = 1;
};

class Stories : public Simulator {
protected:
    /// Tells the story and returns its outcome; a violation fails the test.
    static std::string tell(std::string_view shape_name, const std::vector<At>& faults, Operator by = Operator::plain)
    {
        const NamedShape& shape = *find_shape(shape_name);
        std::vector<Fault> planned;
        for (const At& at : faults) {
            planned.push_back(place(shape, planned, at));
        }
        const Verdict verdict = run_story({shape.shape, planned, by});
        EXPECT_TRUE(verdict.violations.empty()) << to_string(shape, {.faults = planned, .by = by}) << ": "
                                                << (verdict.violations.empty() ? "" : verdict.violations.front());
        return verdict.outcome;
    }

private:
    static Fault place(const NamedShape& shape, const std::vector<Fault>& before, const At& at)
    {
        std::vector<PointRecord> points;
        static_cast<void>(run_story({shape.shape, before}, {}, &points));
        const size_t first = before.empty() ? 0 : static_cast<size_t>(before.back().point);
        int count = 0;
        for (size_t i = first; i < points.size(); ++i) {
            count += points[i].kind == at.kind && points[i].name == at.name ? 1 : 0;
            if (count == at.nth) {
                return {static_cast<int>(i + 1), find_fault(at.fault)};
            }
        }
        ADD_FAILURE() << "no point " << at.name;
        return {1, find_fault(at.fault)};
    }
};

TEST_F(Simulator, AMoveWithoutFaultsIsCommittedInEveryShape)
{
    for (const NamedShape& shape : shapes()) {
        const Verdict verdict = run_story({shape.shape, {}});
        EXPECT_EQ(verdict.outcome, "committed") << shape.name;
        EXPECT_TRUE(verdict.violations.empty()) << shape.name << ": " << verdict.violations.front();
    }
}

TEST_F(Simulator, TheSameStoryMeetsTheSamePoints)
{
    const auto faults = parse_faults("40:cut-target-20s/70:tool-dies").value();
    std::vector<PointRecord> first;
    std::vector<PointRecord> second;
    static_cast<void>(run_story({{}, faults}, {}, &first));
    static_cast<void>(run_story({{}, faults}, {}, &second));
    ASSERT_EQ(first.size(), second.size());
    for (size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].kind, second[i].kind);
        EXPECT_EQ(first[i].at, second[i].at);
    }
}

TEST_F(Simulator, AStoryIsWrittenAsItIsRead)
{
    const std::string text = "12:tool-dies/37:cut-target-60s";
    EXPECT_EQ(to_string(parse_faults(text).value()), text);
    EXPECT_FALSE(parse_faults("12"));
    EXPECT_FALSE(parse_faults("x:tool-dies"));
    EXPECT_FALSE(parse_faults("12:no-such-fault"));
    const NamedShape& plain = *find_shape("plain");
    for (const std::string whole :
         {"plain", "plain+forward/12:tool-dies", "plain/12:refuse/disk", "plain/disk:9:power"}) {
        const auto story = parse_story(whole);
        ASSERT_TRUE(story) << whole;
        EXPECT_EQ(to_string(plain, *story), whole);
    }
    EXPECT_FALSE(parse_story("plain/disk:9:no-such-fault"));
    EXPECT_FALSE(parse_story("no-such-shape/12:refuse"));
}

TEST_F(Simulator, NoSingleFaultBreaksAPromise)
{
    const Summary summary = explore_singles({.quiet = true, .shards = k_slower});
    EXPECT_EQ(summary.bad, 0u) << "vmferry-sim --replay " << summary.first_bad;
    EXPECT_GT(summary.stories, 10000u / k_slower);
}

TEST_F(Simulator, NoPairOfFaultsBreaksAPromise)
{
    const Summary summary = explore_pairs({.sample = 4000 * k_slower, .quiet = true});
    EXPECT_EQ(summary.bad, 0u) << "vmferry-sim --replay " << summary.first_bad;
    EXPECT_GT(summary.stories, 10000u / k_slower);
}

TEST_F(Simulator, NoRandomStoryBreaksAPromise)
{
    const Summary summary = explore_seeds({.stories = 2000 / k_slower, .quiet = true}, 1, 10);
    EXPECT_EQ(summary.bad, 0u) << "vmferry-sim --replay " << summary.first_bad;
}

TEST_F(Simulator, NoFailureOfTheJournalsDiskBreaksAPromise)
{
    const Summary summary = explore_disk({.sample = 300, .quiet = true});
    EXPECT_EQ(summary.bad, 0u) << "vmferry-sim --replay " << summary.first_bad;
    EXPECT_GT(summary.stories, 100u);
}

/// The name of a probe is chosen by chance.
std::string without_id(const std::string& name) { return name.substr(0, name.find(".vmferry-")); }

TEST_F(Simulator, WhatIsNotToldChangesNothing)
{
    // explore_pairs() leaves out faults of which the hosts' state says that they change nothing.
    int left_out = 0;
    for (const std::string_view name : {"plain", "paused-nvram", "waiting"}) {
        const NamedShape& shape = *find_shape(name);
        std::vector<PointRecord> calm;
        const Verdict verdict = run_story({shape.shape, {}}, {}, &calm);
        calm.resize(static_cast<size_t>(verdict.points));
        for (const Fault& fault : faults_from(calm, 1)) {
            if (!changes_nothing(calm, fault) || ++left_out % 5 != 0) {
                continue;
            }
            std::vector<PointRecord> points;
            const Verdict same = run_story({shape.shape, {fault}}, {}, &points);
            // After an act of a human, nobody waits for the first run that ends a paused VM's debt.
            EXPECT_TRUE(verdict.ending.starts_with(same.ending)) << to_string(shape, {.faults = {fault}});
            ASSERT_EQ(same.points, verdict.points) << to_string(shape, {.faults = {fault}});
            for (size_t i = 0; i < calm.size(); ++i) {
                ASSERT_TRUE(without_id(points[i].name) == without_id(calm[i].name) && points[i].at == calm[i].at)
                    << to_string(shape, {.faults = {fault}}) << ": point " << i + 1 << " is " << points[i].name
                    << " at " << points[i].at << " ms, not " << calm[i].name << " at " << calm[i].at << " ms";
            }
        }
    }
    EXPECT_GT(left_out, 1000);
}

TEST_F(Simulator, ShardsAreTheWhole)
{
    const Summary singles = explore_singles({.shape = "plain", .quiet = true});
    uint64_t in_shards = 0;
    for (uint64_t shard = 0; shard < 3; ++shard) {
        in_shards += explore_singles({.shape = "plain", .quiet = true, .shard = shard, .shards = 3}).stories;
    }
    // Each shard tells the story without faults, to know its points.
    EXPECT_EQ(in_shards, singles.stories + 2);
}

TEST_F(Stories, KilledBeforeCommitTheVmRunsAtTheSourceAgain)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_write, "write COMMIT ", "tool-dies"}}), "rolled-back");
}

TEST_F(Stories, KilledAfterCommitTheVmRunsAtTheTarget)
{
    EXPECT_EQ(tell("plain", {{PointKind::after_write, "write COMMIT ", "tool-dies"}}), "committed");
    EXPECT_EQ(tell("plain", {{PointKind::after_act, "resume", "tool-dies"}}), "committed");
}

TEST_F(Stories, ATargetThatRefusesToRunSendsTheVmBack)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "resume", "refuse"}}), "rolled-back");
}

TEST_F(Stories, ATargetWhoseStartIsNotAnsweredIsNeverGivenUp)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "resume", "late-8s"}}), "committed");
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "resume", "cut-target-20s"}}), "committed");
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "resume", "lose-request"}}), "committed");
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "resume", "late-8s"},
                             {PointKind::before_question, "observe", "cut-requests-target-20s", 2}}),
              "committed");
}

TEST_F(Stories, AJournalThatFailsAtCommitKeepsTheVmAtTheSource)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_write, "write COMMIT ", "journal-fails"}}), "rolled-back");
}

TEST_F(Stories, TheSourceHostDiesAfterCommitAndTheVmRunsAtTheTarget)
{
    EXPECT_EQ(tell("plain", {{PointKind::after_write, "write COMMIT ", "power-off-source"}}), "committed");
}

TEST_F(Stories, AJobOfOthersThatBeginsOnTheWayBackIsNoDifference)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_act, "migrate", "interrupt"},
                             {PointKind::before_question, "before-image", "foreign-job-2s"}}),
              "rolled-back");
}

TEST_F(Stories, APausedVmThatWasLetRunForAMomentIsPausedAgain)
{
    EXPECT_EQ(
        tell("paused", {{PointKind::step, "finish", "interrupt"}, {PointKind::after_act, "resume", "lose-reply"}}),
        "rolled-back");
    EXPECT_EQ(tell("paused", {{PointKind::step, "finish", "interrupt"}, {PointKind::after_act, "resume", "tool-dies"}}),
              "rolled-back");
}

TEST_F(Stories, TheSourceOfAPausedVmIsKeptWhenItsCopyAtTheTargetIsGone)
{
    EXPECT_EQ(tell("paused", {{PointKind::after_act, "activate", "cut-source"},
                              {PointKind::before_write, "write RESUMED ", "emulator-dies-target"}}),
              "committed-degraded");
}

TEST_F(Stories, AFencedTargetKeepsTheDefinitionThatItsVmNeeds)
{
    EXPECT_EQ(tell("autostart",
                   {{PointKind::after_write, "write RESUMED ", "tool-dies"},
                    {PointKind::before_question, "open", "power-off-target"}},
                   Operator::host_dead),
              "committed");
}

TEST_F(Stories, ASourceThatDoesNotAnswerIsNotTakenForRestored)
{
    EXPECT_EQ(tell("paused-transient", {{PointKind::step, "finish", "interrupt"},
                                        {PointKind::after_write, "write ABORT_INTENT ", "daemon-hangs-source-20s"}}),
              "rolled-back");
}

TEST_F(Stories, AJournalThatNeitherReadsNorWritesDoesNotKeepTheVmFromGoingBack)
{
    // From the first LEDGER of the reservation to SWITCH_INTENT, whichever call it is.
    const Story calm{.on_disk = true};
    const int64_t calls = run_story(calm).disk_calls;
    const DiskFaultType& dead = *parse_disk_fault("disk:1:io-error-lasting")->type;
    for (int64_t call = calls / 4; call < calls / 3; call += 5) {
        const Verdict verdict = run_story({.on_disk = true, .disk_fault = DiskFault{call, &dead}});
        EXPECT_TRUE(verdict.violations.empty()) << call << ": " << verdict.violations.front();
        EXPECT_TRUE(verdict.ending.starts_with("rolled-back")) << call << ": " << verdict.ending;
    }
}

TEST_F(Stories, AnotherAdministratorsJobIsWaitedForAndNotAborted)
{
    EXPECT_EQ(tell("plain", {{PointKind::before_write, "write LEDGER domain:target", "tool-dies"},
                             {PointKind::before_question, "observe", "foreign-job-2s"}}),
              "rolled-back");
}

// The reply of Finish never arrives: the source's daemon would wait for it, and then let the source run on.

const At k_reply_lost{PointKind::step, "finish-reply", "refuse"};

TEST_F(Stories, ALostReplyOfFinishEndsTheSourceWhereItStands)
{
    EXPECT_EQ(tell("p2p", {k_reply_lost}), "committed");
    EXPECT_EQ(tell("p2p-paused", {k_reply_lost}), "committed");
}

TEST_F(Stories, WithoutTheFenceTheSourceGoesOn) { EXPECT_EQ(tell("p2p-waiting", {k_reply_lost}), "rolled-back"); }

TEST_F(Stories, AFenceThatIsRefusedLeavesTheSourceToItsDaemon)
{
    EXPECT_EQ(tell("p2p", {k_reply_lost, {PointKind::before_act, "fence", "refuse"}}), "rolled-back");
    EXPECT_EQ(tell("p2p", {k_reply_lost, {PointKind::before_act, "fence", "lose-request"}}), "rolled-back");
}

TEST_F(Stories, AToolThatDiesBeforeItsFenceGoesBackInSpiteOfCommit)
{
    EXPECT_EQ(tell("p2p", {k_reply_lost, {PointKind::before_act, "fence", "tool-dies"}}), "rolled-back");
}

TEST_F(Stories, AToolThatDiesBehindItsFenceIsFinishedByWhatTheDaemonRemembers)
{
    EXPECT_EQ(tell("p2p", {k_reply_lost, {PointKind::after_act, "fence", "tool-dies"}}), "committed");
}

TEST_F(Stories, ASourceThatRanOnAfterCommitAllowedItsFenceIsNotTakenForFenced)
{
    const At dead{PointKind::before_act, "fence", "tool-dies"};
    const At unseen{PointKind::before_question, "open", "cut-source", 2};
    const At ended{PointKind::before_question, "open", "emulator-dies-source", 6};
    EXPECT_EQ(tell("p2p", {k_reply_lost, dead, unseen, ended}), "");
}

TEST_F(Stories, AMoveThatItsDaemonDrivesIsEndedAfterTheToolDied)
{
    EXPECT_EQ(tell("p2p", {{PointKind::step, "perform", "tool-dies"}}), "rolled-back");
}

TEST_F(Stories, AMoveThatItsDaemonDrivesIsAdoptedOnRequest)
{
    EXPECT_EQ(tell("p2p", {{PointKind::step, "perform", "tool-dies"}}, Operator::forward), "committed");
    EXPECT_EQ(tell("p2p-native", {{PointKind::step, "perform", "tool-dies"}}, Operator::forward), "committed");
}

TEST_F(Stories, AStreamThatNeverComesTogetherAgainIsNotTriedForEver)
{
    const At stuck{PointKind::step, "finish-postcopy", "stick-stream"};
    EXPECT_EQ(tell("postcopy", {stuck, {PointKind::after_act, "break-postcopy", "daemon-dies-target-2s"}}),
              "committed");
}

TEST_F(Stories, ADaemonThatForgetsHowAPostCopyEndedIsNoDifference)
{
    const At unheard{PointKind::after_act, "start-postcopy", "cut-requests-target-20s"};
    EXPECT_EQ(tell("postcopy", {unheard, {PointKind::step, "confirm-cancelled", "daemon-dies-source"}}), "committed");
}

TEST_F(Stories, APausedVmWhoseWayBackCannotBeJournaledKeepsBothCopies)
{
    EXPECT_EQ(tell("paused-nvram", {{PointKind::before_act, "activate", "cut-target-60s"},
                                    {PointKind::before_act, "mark-commit", "journal-fails-5s"}}),
              "committed");
}

TEST_F(Stories, WhatIsLateStaysInOrder)
{
    EXPECT_EQ(
        tell("plain", {{PointKind::before_act, "marker", "late-40s"}, {PointKind::before_act, "marker", "late-8s"}}),
        "rolled-back");
}

TEST_F(Stories, NothingStartsALostVmWhileAPartOfItMayRun)
{
    const At lost{PointKind::after_write, "write COMMIT ", "emulator-dies-source"};
    EXPECT_EQ(tell("postcopy", {lost, {PointKind::before_write, "write END lost", "power-off-source-20s"}}), "lost");
}

TEST_F(Stories, AMemoryOlderThanItsDisksIsNeverLetRun)
{
    const At away{PointKind::step, "confirm", "cut-target-20s"};
    const At anew{PointKind::after_write, "write COMMIT ", "human-starts-source"};
    const At off{PointKind::after_write, "write NOTE recovery", "guest-off"};
    EXPECT_EQ(tell("p2p", {away, anew, off}), "");
    EXPECT_EQ(tell("fenced", {away, anew, off}), "");
    // Nobody has seen it run, but only a guest that runs shuts itself down.
    const At held{PointKind::after_act, "mark-commit", "cut-target-20s"};
    const At ended{PointKind::before_question, "observe", "human-destroys-source"};
    const At started{PointKind::before_question, "observe", "human-starts-source"};
    const At gone{PointKind::before_question, "observe", "guest-off"};
    EXPECT_EQ(tell("plain", {held, ended, started, gone}), "");
}

TEST_F(Stories, AHumanWhoStartsTheSourceWhileTheTargetIsBeingStartedHasTwoCopies)
{
    EXPECT_EQ(tell("p2p", {{PointKind::before_act, "resume", "late-40s"},
                           {PointKind::before_question, "observe", "human-starts-source"}}),
              "");
}

TEST_F(Stories, ACopyThatWasSeenToRunIsNotForgotten)
{
    const At forgetful{PointKind::step, "finish-late", "daemon-dies-source-2s"};
    const At ran{PointKind::before_question, "observe", "human-resumes-target"};
    const At gone{PointKind::before_question, "observe", "power-off-target-20s", 8};
    EXPECT_EQ(tell("paused-transient", {forgetful, ran, gone}), "");
    EXPECT_EQ(tell("plain", {forgetful, ran, gone}), "");
    // Nor where the journal could not be told of it, and it stands now as a copy does that never ran.
    const At full{PointKind::before_write, "write COMMIT ", "journal-fails-5s"};
    const At stopped{PointKind::before_question, "observe", "human-suspends-target", 8};
    EXPECT_EQ(tell("plain", {full, ran, stopped}), "committed");
}

TEST_F(Stories, ATargetThatRunsIsTheVmWithoutItsMarkerToo)
{
    const At unmarked{PointKind::before_question, "observe", "human-unmarks-target"};
    EXPECT_EQ(tell("plain", {{PointKind::after_act, "resume", "tool-dies"}, unmarked}), "committed");
    EXPECT_EQ(tell("p2p", {{PointKind::after_act, "resume", "tool-dies"}, unmarked}), "committed");
}

TEST_F(Stories, AShutdownBeforeAnyFenceIsTheGuests)
{
    const At unseen{PointKind::step, "finish", "cut-source"};
    const At anew{PointKind::before_question, "open", "human-starts-source", 5};
    EXPECT_EQ(tell("p2p", {unseen, anew, {PointKind::before_question, "observe", "guest-off"}}), "");
}

TEST_F(Stories, ACallThatWaitsInItsDaemonComesBeforeWhatIsAskedLater)
{
    const At hangs{PointKind::before_act, "migrate", "daemon-hangs-source-20s"};
    EXPECT_EQ(tell("p2p", {hangs}), "rolled-back");
    EXPECT_EQ(tell("p2p-paused", {hangs}), "rolled-back");
    // One that never came there does not come later.
    EXPECT_EQ(tell("p2p", {{PointKind::after_write, "write SWITCH_INTENT ", "daemon-dies-source-2s"}}), "rolled-back");
}

TEST_F(Stories, WhatNobodyCanTakeBackIsNotOwed)
{
    const At away{PointKind::step, "stop", "cut-target"};
    const At fenced{PointKind::before_question, "observe", "power-off-target", 2};
    const At ended{PointKind::before_write, "write LEDGER blip:source", "power-off-source-20s"};
    EXPECT_EQ(tell("paused-transient", {away, fenced, ended}, Operator::host_dead), "lost");
}

TEST_F(Stories, TwoHostsNeverBothStartTheVm)
{
    const At away{PointKind::step, "stop", "cut-replies-target-20s"};
    const At ran{PointKind::after_write, "write UNDOING domain:target", "human-resumes-target"};
    const At unfinished{PointKind::before_act, "marker", "cut-requests-source-20s"};
    EXPECT_EQ(tell("paused", {away, ran, unfinished}), "committed-degraded");
}

TEST_F(Stories, TwoCopiesOfANativeMoveAreSaidAloud) { EXPECT_EQ(tell("p2p-native", {k_reply_lost}), ""); }

}  // namespace
}  // namespace vmferry::sim
