#include "core/base/clock.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace vmferry {
namespace {

using namespace std::chrono_literals;

TEST(Clock, WallTimeIsUtcWithMilliseconds)
{
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(1732213500123), "2024-11-21T18:25:00.123Z");
    EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ADeadlineNeverGrows)
{
    const Deadline deadline(50ms);
    EXPECT_LE(deadline.left(), 50ms);
    EXPECT_FALSE(deadline.over());
    std::this_thread::sleep_for(60ms);
    EXPECT_EQ(deadline.left(), 0ms);
    EXPECT_TRUE(deadline.over());
}

TEST(Clock, ADeadlineOfNothingIsOver) { EXPECT_TRUE(Deadline(0ms).over()); }

}  // namespace
}  // namespace vmferry
