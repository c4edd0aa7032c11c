#include "cli/since.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {

TEST(SinceTest, ADurationIsSubtractedFromNow) { EXPECT_EQ(parse_since("2h", 10000000), 10000000 - 7200000); }

TEST(SinceTest, ADateIsItsFirstMomentInUtc)
{
    EXPECT_EQ(parse_since("1970-01-02", 5), 86400000);
    EXPECT_EQ(parse_since("1970-01-01T00:01:00Z", 5), 60000);
}

TEST(SinceTest, AnythingElseIsRefused)
{
    for (const char* text :
         {"", "yesterday", "24", "2026-13-01", "2026-11-21T18:25", "2026-11-21 18:25:00", "2026-11-21x"}) {
        const auto since = parse_since(text, 0);
        ASSERT_FALSE(since) << text;
        EXPECT_EQ(since.error().kind(), ErrorKind::usage);
    }
}

}  // namespace vmferry::cli
