#include "core/base/foreign_text.hpp"

#include <gtest/gtest.h>

namespace vmferry {
namespace {

TEST(ForeignTextTest, WhatIsHarmlessStaysAsItIs)
{
    EXPECT_EQ(harmless("Debian GNU/Linux 12 (bookworm)", 100), "Debian GNU/Linux 12 (bookworm)");
    EXPECT_EQ(harmless("Größe 東京 \xf0\x9f\x90\xa7", 100), "Größe 東京 \xf0\x9f\x90\xa7");
}

TEST(ForeignTextTest, NothingOfItSteersATerminal)
{
    EXPECT_EQ(harmless("\x1b[2J\n\r\x7f", 100), "\\x1b[2J\\x0a\\x0d\\x7f");
    EXPECT_EQ(harmless("\xc2\x9b"
                       "31m",
                       100),
              "\\xc2\\x9b31m")
        << "a control sequence in one character";
}

TEST(ForeignTextTest, NothingOfItTurnsTheDirectionOfWriting)
{
    EXPECT_EQ(harmless("\xe2\x80\xae"
                       "gpj.exe",
                       100),
              "\\xe2\\x80\\xaegpj.exe");
}

TEST(ForeignTextTest, WhatIsNotUtf8IsWrittenOut)
{
    EXPECT_EQ(harmless("\xff\xfe", 100), "\\xff\\xfe");
    EXPECT_EQ(harmless("\xc0\xaf", 100), "\\xc0\\xaf") << "an overlong slash";
    EXPECT_EQ(harmless("\xed\xa0\x80", 100), "\\xed\\xa0\\x80") << "half of a surrogate pair";
    EXPECT_EQ(harmless("a\xe6\x9d", 100), "a\\xe6\\x9d") << "a cut character";
}

TEST(ForeignTextTest, IsCutAtACharacter)
{
    EXPECT_EQ(harmless("abcdef", 3), "abc...");
    EXPECT_EQ(harmless("abü", 3), "ab...");
    EXPECT_EQ(harmless("abc", 3), "abc");
}

}  // namespace
}  // namespace vmferry
