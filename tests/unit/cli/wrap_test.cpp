#include "cli/wrap.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {

TEST(WrapTest, BreaksAtBlanksAndKeepsTheWidth)
{
    EXPECT_EQ(wrapped("one two three", 9, 2), "  one two\n  three\n");
    EXPECT_EQ(wrapped("one two three", 8, 2), "  one\n  two\n  three\n");
    EXPECT_EQ(wrapped("", 10, 2), "");
}

TEST(WrapTest, ALongWordIsNotCut) { EXPECT_EQ(wrapped("a verylongword b", 6, 0), "a\nverylongword\nb\n"); }

}  // namespace vmferry::cli
