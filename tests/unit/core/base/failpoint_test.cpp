// Goal: an armed failpoint does what it says, where it says, once; an unarmed one does nothing.
// Method: the environment is read once in a process, so each case is a process of its own.

#include "core/base/failpoint.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace vmferry {
namespace {

#ifdef VMFERRY_FAILPOINTS

/// Runs `body` in a child with these failpoints; its exit code, or 1000 + the signal that ended it.
int in_child(const char* failpoints, const std::function<int()>& body)
{
    const pid_t child = fork();
    if (child == 0) {
        setenv("VMFERRY_FAILPOINTS", failpoints, 1);
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

int passes(std::string_view name) { return failpoint::hit(name) ? 0 : 1; }

TEST(Failpoint, UnarmedPointsPass)
{
    EXPECT_EQ(in_child("", [] { return passes("effect.resume:target.before"); }), 0);
    EXPECT_EQ(in_child("other=crash", [] { return passes("effect.resume:target.before"); }), 0);
    EXPECT_EQ(in_child("nonsense;;=;x", [] { return passes("x"); }), 0);
}

TEST(Failpoint, ErrorIsReturned)
{
    EXPECT_EQ(in_child("effect.a.before=error", [] { return passes("effect.a.before"); }), 1);
}

TEST(Failpoint, CrashKillsTheProcess)
{
    EXPECT_EQ(in_child("a=crash", [] { return passes("a"); }), 1000 + SIGKILL);
}

TEST(Failpoint, AStarMatchesABeginning)
{
    EXPECT_EQ(in_child("effect.*=error", [] { return passes("effect.b.after"); }), 1);
    EXPECT_EQ(in_child("effect.*=error", [] { return passes("effec"); }), 0);
}

TEST(Failpoint, CountedPointsStrikeOnceAtTheirTurn)
{
    EXPECT_EQ(in_child("a=error@2", [] { return passes("a") * 4 + passes("a") * 2 + passes("a"); }), 2);
}

TEST(Failpoint, TheOneWhoSettlesDoesNotDieOfTheWorkersPoint)
{
    EXPECT_EQ(in_child("a=crash",
                       [] {
                           failpoint::set_role("recovery");
                           return passes("a");
                       }),
              0);
}

TEST(Failpoint, PassedPointsAreListed)
{
    const std::string file = testing::TempDir() + "failpoints." + std::to_string(getpid());
    setenv("VMFERRY_FAILPOINT_LOG", file.c_str(), 1);
    EXPECT_EQ(in_child("", [] { return passes("one") + passes("two"); }), 0);
    unsetenv("VMFERRY_FAILPOINT_LOG");
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(), "worker one\nworker two\n");
    std::filesystem::remove(file);
}

#endif

}  // namespace
}  // namespace vmferry
