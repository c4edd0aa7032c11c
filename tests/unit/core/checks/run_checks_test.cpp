// Goal: whatever order threads run in, whatever a check does, the verdict is the same and never
// milder than it should be. Method: small checks of our own, and the whole registry.

#include <atomic>
#include <set>
#include <stdexcept>

#include "core/checks/verdict.hpp"
#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::Severity;
using ::testing::ElementsAre;

constexpr std::array<Topic, 2> k_first{{{"TST-A001", "first", "x"}, {"TST-C001", "third", "x"}}};
constexpr std::array<Topic, 1> k_second{{{"TST-B001", "second", "x"}}};
constexpr std::array<Topic, 1> k_last{{{"TST-D001", "last", "x"}}};

std::vector<model::Finding> two(CheckContext& /*context*/)
{
    return {error(k_first[1], "late", "bad", "do something"), ok(k_first[0], "b", "good"), ok(k_first[0], "a", "good")};
}
std::vector<model::Finding> one(CheckContext& /*context*/) { return {warn(k_second[0], "s", "so so", "look")}; }
std::vector<model::Finding> throwing(CheckContext& /*context*/) { throw std::runtime_error("boom"); }
std::vector<model::Finding> throwing_a_number(CheckContext& /*context*/) { throw 1; }
std::vector<model::Finding> silent(CheckContext& /*context*/) { return {}; }

class RunChecksTest : public CheckTest {
protected:
    std::vector<model::Finding> run(const std::vector<const Check*>& checks, const std::vector<std::string>& only = {},
                                    const std::vector<std::string>& skip = {},
                                    const std::vector<std::string>& accepted = {})
    {
        CheckContext context{
            domain, source.host_facts, target.host_facts, residents, source, target, {}, k_transaction, {},
            ledger, *proofs,           patience};
        return run_checks(checks, context, only, skip, accepted);
    }

    static std::vector<std::string> ids(const std::vector<model::Finding>& findings)
    {
        std::vector<std::string> all;
        for (const auto& finding : findings) {
            all.push_back(finding.id + " " + finding.subject);
        }
        return all;
    }

    const Check first{k_first, two};
    const Check second{k_second, one};
};

TEST_F(RunChecksTest, FindingsAreOrderedByIdAndKeepTheOrderOfTheCheckWithinOneId)
{
    EXPECT_THAT(ids(run({&second, &first})), ElementsAre("TST-A001 b", "TST-A001 a", "TST-B001 s", "TST-C001 late"));
}

TEST_F(RunChecksTest, OrderIsTheSameInEveryRun)
{
    const auto before = ids(all());
    for (int i = 0; i < 20; ++i) {
        proofs.emplace();
        EXPECT_EQ(ids(all()), before);
    }
}

TEST_F(RunChecksTest, CheckThatThrowsIsAnErrorForEachOfItsQuestions)
{
    const Check broken{k_first, throwing};
    const auto findings = run({&broken});
    EXPECT_THAT(ids(findings), ElementsAre("TST-A001 vmferry", "TST-C001 vmferry"));
    EXPECT_EQ(findings[0].severity, Severity::error);
    EXPECT_THAT(findings[0].message, ::testing::HasSubstr("boom"));
    const Check odd{k_last, throwing_a_number};
    EXPECT_TRUE(model::blocks(run({&odd})));
}

TEST_F(RunChecksTest, CheckThatSaysNothingHasNotPassed)
{
    const Check mute{k_last, silent};
    EXPECT_TRUE(model::blocks(run({&mute})));
}

TEST_F(RunChecksTest, BrokenCheckIsNotHiddenByAskingForItsSecondQuestionOnly)
{
    const Check broken{k_first, throwing};
    EXPECT_TRUE(model::blocks(run({&broken}, {"TST-C001"})));
}

TEST_F(RunChecksTest, OnlyAndSkipChooseByAnyIdOfACheck)
{
    EXPECT_THAT(ids(run({&first, &second}, {"TST-C001"})), ElementsAre("TST-C001 late"));
    EXPECT_THAT(ids(run({&first, &second}, {}, {"TST-A001", "TST-B001"})), ElementsAre("TST-C001 late"));
    EXPECT_TRUE(run({&first, &second}, {"TST-NONE"}).empty());
}

TEST_F(RunChecksTest, SkippedCheckDoesNotTouchTheWorld)
{
    CheckContext context{domain, source.host_facts, target.host_facts, residents, source, target, {}, k_transaction, {},
                         ledger, *proofs,           patience};
    static_cast<void>(run_checks(context, {"VMF-P001"}, {}, {}));
    EXPECT_TRUE(source.calls().empty());
    EXPECT_TRUE(target.calls().empty());
    EXPECT_TRUE(ledger.lines.empty());
}

TEST_F(RunChecksTest, AcceptanceNeedsTheVeryIdAndMarksErrorsOnly)
{
    auto findings = run({&first, &second}, {}, {}, {"TST-A001", "TST-B001", "TST-C00"});
    EXPECT_TRUE(model::blocks(findings));
    for (const auto& finding : findings) {
        EXPECT_FALSE(finding.accepted) << finding.id;
    }
    findings = run({&first, &second}, {}, {}, {"TST-C001"});
    EXPECT_TRUE(findings.back().accepted);
    EXPECT_FALSE(model::blocks(findings));
}

std::atomic<int> g_in_ledger{0};
std::atomic<bool> g_collided{false};

std::vector<model::Finding> ledger_user(CheckContext& context)
{
    for (int i = 0; i < 50; ++i) {
        static_cast<void>(context.ledger.creating(model::Side::source, {"/d", "n", "p"}));
        static_cast<void>(context.ledger.removed(model::Side::source, {"/d", "n", "p"}));
    }
    return {ok(k_last[0], "s", "good")};
}

TEST_F(RunChecksTest, LedgerIsNeverUsedByTwoChecksAtOnce)
{
    ledger.on_entry = [](const std::string& /*line*/) {
        g_collided = g_collided || ++g_in_ledger != 1;
        --g_in_ledger;
    };
    const Check user{k_last, ledger_user};
    EXPECT_EQ(run({&user, &user, &user, &user, &user, &user}).size(), 6U);
    EXPECT_FALSE(g_collided);
}

TEST_F(RunChecksTest, SuitableVmAndHostsPassAllChecks)
{
    EXPECT_THAT(errors(), ElementsAre());
    for (const auto& finding : all()) {
        EXPECT_NE(finding.severity, Severity::warn) << finding.id << ": " << finding.message;
    }
    EXPECT_TRUE(proofs->is_disk_shared("vda"));
}

TEST_F(RunChecksTest, LostTargetIsNeverAPass)
{
    for (const char* call :
         {"create_probe", "read_probe", "file_exists", "compare_cpu", "supports_machine", "bridge"}) {
        target.fail_call(call, ErrorKind::unreachable);
    }
    const auto ids = errors();
    for (const char* id : {"VMF-C001", "VMF-C002", "VMF-C003", "VMF-C006", "VMF-N002", "VMF-S007"}) {
        EXPECT_THAT(ids, ::testing::Contains(id));
    }
    EXPECT_FALSE(proofs->is_disk_shared("vda"));
}

TEST(Registry, IdsAreUniqueWellFormedAndExplained)
{
    std::set<std::string_view> ids;
    for (const Topic& topic : all_topics()) {
        EXPECT_TRUE(ids.insert(topic.id).second) << topic.id;
        EXPECT_THAT(std::string(topic.id), ::testing::MatchesRegex("VMF-[CMSNPTH][0-9][0-9][0-9]"));
        EXPECT_GT(topic.title.size(), 4U) << topic.id;
        EXPECT_GT(topic.explanation.size(), 150U) << topic.id;
        EXPECT_TRUE(topic.explanation.ends_with('.')) << topic.id;
    }
    EXPECT_GT(ids.size(), 45U);
}

TEST(Registry, ChecksAreOrderedById)
{
    const auto& checks = all_checks();
    EXPECT_TRUE(std::is_sorted(checks.begin(), checks.end(),
                               [](const Check* left, const Check* right) { return left->id() < right->id(); }));
}

TEST(Registry, TopicIsFoundInAnyCase)
{
    ASSERT_TRUE(find_topic("vmf-s014"));
    EXPECT_EQ(find_topic("vmf-s014")->id, "VMF-S014");
    EXPECT_FALSE(find_topic("VMF-S0"));
    EXPECT_FALSE(find_topic(""));
}

TEST_F(RunChecksTest, EachFindingHasAnIdOfItsCheckAndEachErrorAWayOn)
{
    domain.now.state = model::RunState::paused;
    domain.now.reason = model::StateReason::io_error;
    domain.now.job_active = true;
    domain.snapshots = 1;
    domain.managed_save = true;
    domain.launch_security = true;
    add_device("hostdev", "pci", "0000:03:00.0");
    add_disk("vdb", model::DiskKind::file, "/local/b.raw").cache = "";
    for (const auto& finding : all()) {
        EXPECT_TRUE(find_topic(finding.id)) << finding.id;
        EXPECT_FALSE(finding.subject.empty()) << finding.id;
        EXPECT_FALSE(finding.message.empty()) << finding.id;
        EXPECT_EQ(finding.message.find('\n'), std::string::npos) << finding.id;
        EXPECT_TRUE(finding.facts.is_object()) << finding.id;
        if (finding.severity == Severity::error || finding.severity == Severity::warn) {
            EXPECT_FALSE(finding.remedy.empty()) << finding.id;
        }
    }
}

}  // namespace
}  // namespace vmferry::checks
