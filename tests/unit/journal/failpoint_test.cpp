// Goal: the journal's failpoints lie on the right side of the durable write.
// Method: failpoints are armed by the environment of a process at its start, so the scenario is a
// disabled test that this program runs in a second copy of itself.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "fixture.hpp"

namespace vmferry::journal {

namespace {

constexpr const char* k_path_variable = "VMFERRY_TEST_JOURNAL";

/// Runs the scenario with `failpoints` armed; returns its wait status.
int run_scenario(const std::string& name, const std::string& path, const std::string& failpoints)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::setenv(k_path_variable, path.c_str(), 1);
        ::setenv("VMFERRY_FAILPOINTS", failpoints.c_str(), 1);
        ::unsetenv("VMFERRY_FAILPOINT_ROLE");
        const std::string filter = "--gtest_filter=FailpointScenario.DISABLED_" + name;
        ::execl("/proc/self/exe", "self", filter.c_str(), "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }
bool ended_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

std::string kinds_in(const std::string& path)
{
    std::string kinds;
    const auto store = open_or_die(path);
    const auto rows = store->transactions().value();
    for (const TransactionRow& row : rows) {
        const auto entries = store->entries(row.head.id).value();
        for (const Entry& entry : entries) {
            kinds += std::string(to_string(entry.kind)) + " ";
        }
    }
    EXPECT_TRUE(store->verify_chain()->problems.empty());
    return kinds;
}

class Failpoint : public testing::Test {
protected:
    void SetUp() override
    {
#ifndef VMFERRY_FAILPOINTS
        GTEST_SKIP() << "built without failpoints";
#endif
    }

    TempDir directory;
    std::string path = directory / "journal.db";
};

const std::vector<Draft> k_two{{Kind::ledger, "marker", {}}, {Kind::reserved, "", {}}};

}  // namespace

TEST(FailpointScenario, DISABLED_Plain)
{
    const auto store = open_or_die(std::getenv(k_path_variable));
    const TransactionHead head = sample_head();
    ASSERT_OK(store->begin(head, {}));
    ASSERT_OK(store->append(head.id, std::span(k_two)));
    ASSERT_OK(store->adopt(head.id));
}

TEST(FailpointScenario, DISABLED_ErrorBefore)
{
    const auto store = open_or_die(std::getenv(k_path_variable));
    const TransactionHead head = sample_head();
    ASSERT_OK(store->begin(head, {}));
    const int64_t writes = store->durable_writes();
    const auto refused = store->append(head.id, std::span(k_two));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind(), ErrorKind::journal);
    EXPECT_EQ(store->durable_writes(), writes);
    EXPECT_OK(store->append(head.id, {Kind::abort_intent, "", {}}));
}

TEST(FailpointScenario, DISABLED_ErrorAfter)
{
    const auto store = open_or_die(std::getenv(k_path_variable));
    const TransactionHead head = sample_head();
    ASSERT_OK(store->begin(head, {}));
    const auto unknown = store->append(head.id, std::span(k_two));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().kind(), ErrorKind::unknown);
    const auto next = store->append(head.id, {Kind::abort_intent, "", {}});
    ASSERT_FALSE(next.has_value()) << "a store that lost an answer writes no more";
    EXPECT_EQ(next.error().kind(), ErrorKind::journal);
    EXPECT_TRUE(store->entries(head.id).has_value()) << "but it reads";
}

TEST_F(Failpoint, NothingHappensUnarmed)
{
    EXPECT_TRUE(ended_well(run_scenario("Plain", path, "")));
    EXPECT_EQ(kinds_in(path), "BEGIN LEDGER RESERVED ");
}

TEST_F(Failpoint, ACrashBeforeTheAppendLeavesNothingOfIt)
{
    EXPECT_TRUE(was_killed(run_scenario("Plain", path, "journal.RESERVED.before=crash")));
    EXPECT_EQ(kinds_in(path), "BEGIN ");
}

TEST_F(Failpoint, ACrashAfterTheAppendLeavesAllOfIt)
{
    EXPECT_TRUE(was_killed(run_scenario("Plain", path, "journal.RESERVED.after=crash")));
    EXPECT_EQ(kinds_in(path), "BEGIN LEDGER RESERVED ");
}

TEST_F(Failpoint, BeginAndAdoptHaveThemToo)
{
    EXPECT_TRUE(was_killed(run_scenario("Plain", path, "journal.BEGIN.before=crash")));
    EXPECT_EQ(kinds_in(path), "");
    EXPECT_TRUE(was_killed(run_scenario("Plain", path, "journal.BEGIN.after=crash")));
    EXPECT_EQ(kinds_in(path), "BEGIN ");
    EXPECT_TRUE(was_killed(run_scenario("Plain", path, "journal.ADOPT.after=crash")));
}

TEST_F(Failpoint, AnErrorBeforeTheAppendWritesNothing)
{
    EXPECT_TRUE(ended_well(run_scenario("ErrorBefore", path, "journal.RESERVED.before=error")));
    EXPECT_EQ(kinds_in(path), "BEGIN ABORT_INTENT ");
}

TEST_F(Failpoint, AnErrorAfterTheAppendIsALostAnswer)
{
    EXPECT_TRUE(ended_well(run_scenario("ErrorAfter", path, "journal.RESERVED.after=error")));
    EXPECT_EQ(kinds_in(path), "BEGIN LEDGER RESERVED ");
}

}  // namespace vmferry::journal
