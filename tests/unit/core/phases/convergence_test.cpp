#include "core/phases/convergence.hpp"

#include <gtest/gtest.h>

namespace vmferry::phases {
namespace {

using namespace std::chrono_literals;

world::MigrationProgress pass(uint64_t iteration)
{
    world::MigrationProgress progress;
    progress.iteration = iteration;
    return progress;
}

/// Polls as the memory phase does: every 250 ms, one pass for each 500 ms.
std::vector<Milliseconds> raises(Convergence& convergence, Milliseconds duration)
{
    std::vector<Milliseconds> all;
    for (Milliseconds now{0}; now < duration; now += 250ms) {
        const auto iteration = static_cast<uint64_t>(now.count() / 500);
        if (const auto limit = convergence.next_downtime(pass(iteration), now)) {
            all.push_back(*limit);
        }
    }
    return all;
}

TEST(ConvergenceTest, TheFirstPassesAreNotJudged)
{
    Convergence convergence(10ms, 300ms);
    for (Milliseconds now{0}; now < 60s; now += 250ms) {
        EXPECT_FALSE(convergence.next_downtime(pass(2), now));
    }
    EXPECT_EQ(convergence.downtime(), 10ms);
}

TEST(ConvergenceTest, TheLimitRisesStepwiseUpToItsMost)
{
    Convergence convergence(10ms, 300ms);
    EXPECT_EQ(raises(convergence, 60s), (std::vector<Milliseconds>{20ms, 40ms, 80ms, 160ms, 300ms}));
    EXPECT_EQ(convergence.downtime(), 300ms);
}

TEST(ConvergenceTest, APassThatGoesOnIsNotAReasonToRaise)
{
    Convergence convergence(10ms, 300ms);
    EXPECT_FALSE(convergence.next_downtime(pass(3), 0ms));
    for (Milliseconds now{250}; now < 60s; now += 250ms) {
        EXPECT_FALSE(convergence.next_downtime(pass(3), now));
    }
}

TEST(ConvergenceTest, StepsKeepTheirDistance)
{
    Convergence convergence(10ms, 300ms);
    EXPECT_FALSE(convergence.next_downtime(pass(3), 0ms));
    EXPECT_FALSE(convergence.next_downtime(pass(4), 100ms));
    EXPECT_FALSE(convergence.next_downtime(pass(9), 700ms));
    EXPECT_EQ(convergence.next_downtime(pass(9), 750ms), 20ms);
    EXPECT_FALSE(convergence.next_downtime(pass(20), 800ms));
}

TEST(ConvergenceTest, AMostBelowTheFirstNeverLowersTheLimit)
{
    Convergence convergence(50ms, 20ms);
    EXPECT_TRUE(raises(convergence, 10s).empty());
    EXPECT_EQ(convergence.downtime(), 50ms);
}

TEST(ConvergenceTest, TheMostIsReachedExactly)
{
    Convergence convergence(10ms, 35ms);
    EXPECT_EQ(raises(convergence, 60s), (std::vector<Milliseconds>{20ms, 35ms}));
}

}  // namespace
}  // namespace vmferry::phases
