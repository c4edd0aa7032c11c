// The guardian with workers that die. Each runs in processes of its own, so what they did is counted
// in a pipe.

#include "cli/guardian.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>

namespace vmferry::cli {

using engine::ExitCode;

namespace {

class GuardianTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(::pipe(m_pipe.data()), 0); }
    void TearDown() override
    {
        ::close(m_pipe[0]);
        ::close(m_pipe[1]);
    }

    void note(char what) { ASSERT_EQ(::write(m_pipe[1], &what, 1), 1); }

    std::string notes()
    {
        ::close(m_pipe[1]);
        std::array<char, 100> text{};
        const ssize_t length = ::read(m_pipe[0], text.data(), text.size());
        return {text.data(), static_cast<size_t>(length)};
    }

private:
    std::array<int, 2> m_pipe{};
};

}  // namespace

TEST_F(GuardianTest, TheWorkersExitCodeIsOurs)
{
    const ExitCode code =
        guard({.work = [] { return ExitCode::blocked; }, .recover = [](const auto&) { return ExitCode::ok; }});
    EXPECT_EQ(code, ExitCode::blocked);
}

TEST_F(GuardianTest, ADeadWorkerIsFollowedByARecovery)
{
    const ExitCode code =
        guard({.work =
                   [] {
                       ::raise(SIGKILL);
                       return ExitCode::ok;
                   },
               .recover =
                   [&](const std::vector<DeadWorker>& dead) {
                       note(dead.size() == 1 && dead[0].signal == SIGKILL && dead[0].start_ticks > 0 ? 'r' : '?');
                       return ExitCode::rolled_back;
                   }});
    EXPECT_EQ(code, ExitCode::rolled_back);
    EXPECT_EQ(notes(), "r");
}

TEST_F(GuardianTest, RecoveriesThatDieAreRepeatedAFewTimesAndThenItIsInDoubt)
{
    const ExitCode code = guard({.work = []() -> ExitCode {
                                     ::signal(SIGABRT, SIG_DFL);
                                     ::abort();
                                 },
                                 .recover =
                                     [&](const std::vector<DeadWorker>& dead) {
                                         note(static_cast<char>('0' + dead.size()));
                                         ::raise(SIGKILL);
                                         return ExitCode::ok;
                                     }});
    EXPECT_EQ(code, ExitCode::in_doubt);
    EXPECT_EQ(notes(), "123");
}

TEST_F(GuardianTest, ASecondRecoveryKnowsWhoDiedBeforeIt)
{
    const ExitCode code = guard({.work =
                                     [] {
                                         ::raise(SIGKILL);
                                         return ExitCode::ok;
                                     },
                                 .recover =
                                     [&](const std::vector<DeadWorker>& dead) {
                                         if (dead.size() == 1) {
                                             ::raise(SIGKILL);
                                         }
                                         note(dead[0].pid != dead[1].pid ? 'y' : 'n');
                                         return ExitCode::committed_degraded;
                                     }});
    EXPECT_EQ(code, ExitCode::committed_degraded);
    EXPECT_EQ(notes(), "y");
}

TEST_F(GuardianTest, TheWorkerHasAProcessGroupOfItsOwn)
{
    const pid_t group = ::getpgrp();
    const ExitCode code = guard({.work = [&] { return ::getpgrp() == group ? ExitCode::failed_clean : ExitCode::ok; },
                                 .recover = [](const auto&) { return ExitCode::internal; }});
    EXPECT_EQ(code, ExitCode::ok);
}

}  // namespace vmferry::cli
