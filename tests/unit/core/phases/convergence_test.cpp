#include "core/phases/convergence.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace vmferry::phases {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t k_mib = uint64_t{1} << 20;

model::Schedule schedule(Milliseconds first, Milliseconds most)
{
    model::Schedule one;
    one.first_downtime = first;
    one.max_downtime = most;
    one.stall = 20s;
    return one;
}

world::MigrationProgress pass(uint64_t iteration, uint64_t remaining = 32 * k_mib)
{
    world::MigrationProgress progress;
    progress.iteration = iteration;
    progress.remaining_bytes = remaining;
    return progress;
}

using SizeOf = std::function<uint64_t(uint64_t pass)>;

uint64_t flat(uint64_t /*pass*/) { return 32 * k_mib; }

/// Polls as the memory phase does: every 250 ms, one pass for each 500 ms.
std::vector<Milliseconds> raises(Convergence& convergence, Milliseconds duration, const SizeOf& size_of = flat)
{
    std::vector<Milliseconds> all;
    for (Milliseconds now{0}; now < duration; now += 250ms) {
        const auto iteration = static_cast<uint64_t>(now.count() / 500);
        if (const auto limit = convergence.next_downtime(pass(iteration, size_of(iteration)), now)) {
            all.push_back(*limit);
        }
    }
    return all;
}

TEST(ConvergenceTest, TheFirstPassIsNotJudgedHoweverLongItIs)
{
    Convergence convergence(schedule(10ms, 300ms));
    for (Milliseconds now{0}; now < 60s; now += 250ms) {
        EXPECT_FALSE(convergence.next_downtime(pass(1), now));
        EXPECT_FALSE(convergence.stalled());
    }
    EXPECT_EQ(convergence.downtime(), 10ms);
}

TEST(ConvergenceTest, TheLimitRisesStepwiseUpToItsMost)
{
    Convergence convergence(schedule(10ms, 300ms));
    EXPECT_EQ(raises(convergence, 60s), (std::vector<Milliseconds>{20ms, 40ms, 80ms, 160ms, 300ms}));
    EXPECT_EQ(convergence.downtime(), 300ms);
}

TEST(ConvergenceTest, OnlyWhenTheHighestLimitDoesNotHelpEitherItIsHopeless)
{
    Convergence convergence(schedule(10ms, 40ms));
    uint64_t passes_at_most = 0;
    for (uint64_t number = 2; !convergence.hopeless(); ++number) {
        ASSERT_LT(number, 40U);
        passes_at_most += convergence.downtime() == 40ms ? 1 : 0;
        static_cast<void>(convergence.next_downtime(pass(number), number * 800ms));
    }
    EXPECT_EQ(convergence.downtime(), 40ms);
    EXPECT_GE(passes_at_most, 1U);
}

TEST(ConvergenceTest, PassesThatBecomeSmallerAreNeverHopeless)
{
    Convergence convergence(schedule(10ms, 10ms));
    for (uint64_t number = 2; number < 30; ++number) {
        static_cast<void>(convergence.next_downtime(pass(number, (uint64_t{1} << 40) >> number), number * 800ms));
        EXPECT_FALSE(convergence.hopeless());
    }
}

TEST(ConvergenceTest, PassesThatBecomeSmallerAreNotDisturbed)
{
    Convergence convergence(schedule(10ms, 300ms));
    const auto shrinking = [](uint64_t pass) { return (uint64_t{1} << 40) >> pass; };
    EXPECT_TRUE(raises(convergence, 15s, shrinking).empty());
    EXPECT_FALSE(convergence.stalled());
}

TEST(ConvergenceTest, PassesThatHardlyBecomeSmallerAreFlat)
{
    Convergence convergence(schedule(10ms, 300ms));
    const auto creeping = [](uint64_t pass) { return 4096 * k_mib - pass * 8 * k_mib; };
    EXPECT_FALSE(raises(convergence, 10s, creeping).empty());
}

TEST(ConvergenceTest, OneFlatPassIsChance)
{
    Convergence convergence(schedule(10ms, 300ms));
    // Each size twice, then half of it.
    const auto stairs = [](uint64_t pass) { return (uint64_t{1} << 40) >> (pass / 2); };
    EXPECT_TRUE(raises(convergence, 15s, stairs).empty());
}

TEST(ConvergenceTest, APassThatGoesOnIsNotAReasonToRaise)
{
    Convergence convergence(schedule(10ms, 300ms));
    EXPECT_FALSE(convergence.next_downtime(pass(2), 0ms));
    EXPECT_FALSE(convergence.next_downtime(pass(3), 250ms));
    for (Milliseconds now{500}; now < 60s; now += 250ms) {
        EXPECT_FALSE(convergence.next_downtime(pass(3), now));
    }
}

TEST(ConvergenceTest, StepsKeepTheirDistance)
{
    Convergence convergence(schedule(10ms, 300ms));
    EXPECT_FALSE(convergence.next_downtime(pass(2), 0ms));
    EXPECT_FALSE(convergence.next_downtime(pass(3), 100ms));
    EXPECT_EQ(convergence.next_downtime(pass(4), 200ms), 20ms);
    EXPECT_FALSE(convergence.next_downtime(pass(9), 900ms));
    EXPECT_EQ(convergence.next_downtime(pass(9), 950ms), 40ms);
    EXPECT_FALSE(convergence.next_downtime(pass(20), 1000ms));
}

TEST(ConvergenceTest, AMostBelowTheFirstNeverLowersTheLimit)
{
    Convergence convergence(schedule(50ms, 20ms));
    EXPECT_TRUE(raises(convergence, 10s).empty());
    EXPECT_EQ(convergence.downtime(), 50ms);
}

TEST(ConvergenceTest, TheMostIsReachedExactly)
{
    Convergence convergence(schedule(10ms, 35ms));
    EXPECT_EQ(raises(convergence, 60s), (std::vector<Milliseconds>{20ms, 35ms}));
}

TEST(ConvergenceTest, FlatPassesStallInTheEnd)
{
    Convergence convergence(schedule(10ms, 300ms));
    static_cast<void>(raises(convergence, 20s));
    EXPECT_FALSE(convergence.stalled());
    static_cast<void>(convergence.next_downtime(pass(100), 25s));
    EXPECT_TRUE(convergence.stalled());
}

TEST(ConvergenceTest, ALongPassThatBeganSmallerIsNoStall)
{
    Convergence convergence(schedule(10ms, 300ms));
    EXPECT_FALSE(convergence.next_downtime(pass(2, 64 * k_mib), 0ms));
    for (Milliseconds now{250}; now < 60s; now += 250ms) {
        EXPECT_FALSE(convergence.next_downtime(pass(3, 32 * k_mib), now));
        EXPECT_FALSE(convergence.stalled());
    }
}

}  // namespace
}  // namespace vmferry::phases
