#include "cli/lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace vmferry::cli {

namespace {

const Uuid& vm()
{
    static const Uuid s_vm = *Uuid::parse("0a8b7c6d-1111-4222-8333-444455556666");
    return s_vm;
}

class LockTest : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove_all(m_top); }

    std::string m_top = testing::TempDir() + "vmferry-lock-" + std::to_string(::getpid());
    std::string m_directory = m_top + "/a/b";
};

}  // namespace

TEST_F(LockTest, ASecondHolderIsRefusedAndToldWhoHasIt)
{
    const auto first = VmLock::take(m_directory, vm(), "web1");
    ASSERT_TRUE(first) << first.error().text();
    first->describe("migrate of web1, transaction 0193");
    const auto second = VmLock::take(m_directory, vm(), "web1");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), ErrorKind::busy);
    EXPECT_NE(second.error().what().find("transaction 0193"), std::string::npos);
    EXPECT_NE(second.error().what().find("pid " + std::to_string(::getpid())), std::string::npos);
}

TEST_F(LockTest, ItEndsWithItsHolderHoweverThatDies)
{
    const pid_t child = ::fork();
    if (child == 0) {
        static const auto s_lock = VmLock::take(m_directory, vm(), "web1");
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(VmLock::take(m_directory, vm(), "web1", Milliseconds(2000)));
}

TEST_F(LockTest, PatienceWaitsForALockThatIsAboutToEnd)
{
    auto first = std::make_unique<Result<VmLock>>(VmLock::take(m_directory, vm(), "web1"));
    ASSERT_TRUE(*first);
    const auto start = Monotonic::now();
    EXPECT_FALSE(VmLock::take(m_directory, vm(), "web1", Milliseconds(200)));
    EXPECT_GE(Monotonic::now() - start, Milliseconds(200));
    first.reset();
    EXPECT_TRUE(VmLock::take(m_directory, vm(), "web1"));
}

TEST_F(LockTest, ADirectoryThatCannotBeMadeIsSaid)
{
    const auto lock = VmLock::take("/proc/vmferry/locks", vm(), "web1");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().kind(), ErrorKind::failed);
}

}  // namespace vmferry::cli
