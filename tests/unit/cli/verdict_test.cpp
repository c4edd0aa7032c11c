#include "cli/verdict.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {

namespace {

constexpr uint64_t k_mib = 1 << 20;

world::MigrationProgress at(uint64_t processed_mib, uint64_t rate_mib, uint64_t dirty_mib, uint64_t pass = 2)
{
    world::MigrationProgress progress;
    progress.processed_bytes = processed_mib * k_mib;
    progress.remaining_bytes = 100 * k_mib;
    progress.rate_bytes_per_s = rate_mib * k_mib;
    progress.dirty_bytes_per_s = dirty_mib * k_mib;
    progress.iteration = pass;
    return progress;
}

}  // namespace

TEST(VerdictTest, TheFirstPassSaysNothing)
{
    Judge judge;
    EXPECT_EQ(judge.judge(at(10, 100, 0, 1), Milliseconds(0)), Verdict::unknown);
}

TEST(VerdictTest, TheRatesDecide)
{
    Judge judge;
    EXPECT_EQ(judge.judge(at(10, 100, 50), Milliseconds(0)), Verdict::converging);
    EXPECT_EQ(judge.judge(at(20, 100, 100), Milliseconds(100)), Verdict::not_converging);
    EXPECT_EQ(judge.judge(at(30, 100, 400), Milliseconds(200)), Verdict::not_converging);
}

TEST(VerdictTest, NothingSentForLongIsAStallWhateverTheRatesSay)
{
    Judge judge;
    EXPECT_EQ(judge.judge(at(10, 100, 50), Milliseconds(0)), Verdict::converging);
    EXPECT_EQ(judge.judge(at(10, 100, 50), k_stall - Milliseconds(1)), Verdict::converging);
    EXPECT_EQ(judge.judge(at(10, 100, 50), k_stall), Verdict::stalled);
    EXPECT_EQ(judge.judge(at(11, 100, 50), k_stall + Milliseconds(1)), Verdict::converging);
}

TEST(VerdictTest, OnlyWhatConvergesHasATimeLeft)
{
    EXPECT_EQ(time_left(at(0, 150, 50), Verdict::converging), Milliseconds(1000));
    EXPECT_EQ(time_left(at(0, 50, 150), Verdict::not_converging), std::nullopt);
    EXPECT_EQ(time_left(at(0, 150, 50), Verdict::stalled), std::nullopt);
}

}  // namespace vmferry::cli
