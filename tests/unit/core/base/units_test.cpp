#include "core/base/units.hpp"

#include <gtest/gtest.h>

namespace vmferry {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsAreReadAsPeopleWriteThem)
{
    EXPECT_EQ(parse_duration("300ms").value(), 300ms);
    EXPECT_EQ(parse_duration("5m").value(), 5min);
    EXPECT_EQ(parse_duration("1h30m").value(), 90min);
    EXPECT_EQ(parse_duration("10d").value(), 240h);
    EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
    EXPECT_EQ(parse_duration("0s").value(), 0ms);
}

TEST(Units, ANumberWithoutAUnitIsRefused)
{
    for (const char* text :
         {"300", "", " ", "1h30", "-5s", "5 s", "s", "5x", "5S", "nan", "inf", "nans", "infs", "1e3s", "5s "}) {
        const auto parsed = parse_duration(text);
        ASSERT_FALSE(parsed) << "'" << text << "' was taken";
        EXPECT_EQ(parsed.error().kind(), ErrorKind::usage);
        EXPECT_NE(parsed.error().what().find("300ms"), std::string::npos) << "the message shows no example";
    }
    EXPECT_FALSE(parse_size("100"));
    EXPECT_FALSE(parse_rate("100"));
}

TEST(Units, SizesAreBinary)
{
    EXPECT_EQ(parse_size("20B").value(), 20u);
    EXPECT_EQ(parse_size("512KiB").value(), 512u * 1024);
    EXPECT_EQ(parse_size("100MiB").value(), 100u << 20);
    EXPECT_EQ(parse_size("1G").value(), 1u << 30);
    EXPECT_EQ(parse_size("0.5GiB").value(), 1u << 29);
    EXPECT_FALSE(parse_size("1G5M"));
    EXPECT_FALSE(parse_size("1Gbit"));
}

TEST(Units, RatesKnowBitsAndBytes)
{
    EXPECT_EQ(parse_rate("1Gbit").value(), 125000000u);
    EXPECT_EQ(parse_rate("8Kbit/s").value(), 1000u);
    EXPECT_EQ(parse_rate("250MiB").value(), 250u << 20);
    EXPECT_EQ(parse_rate("250MiB/s").value(), 250u << 20);
    EXPECT_FALSE(parse_rate("/s"));
    EXPECT_FALSE(parse_rate("1Gbit/m"));
}

TEST(Units, WhatDoesNotFitIsRefusedAndNotWrapped)
{
    EXPECT_FALSE(parse_size("99999999999PiB"));
    EXPECT_FALSE(parse_duration("999999999999999d"));
    EXPECT_FALSE(parse_size("1" + std::string(400, '0') + "B"));
}

TEST(Units, DurationsAreShownShort)
{
    EXPECT_EQ(format_duration(183ms), "183 ms");
    EXPECT_EQ(format_duration(2100ms), "2.1 s");
    EXPECT_EQ(format_duration(372s), "6m12s");
    EXPECT_EQ(format_duration(125min), "2h05m");
}

TEST(Units, DurationsJustBelowTheNextUnitAreNotRoundedIntoNonsense)
{
    EXPECT_EQ(format_duration(999ms), "999 ms");
    EXPECT_EQ(format_duration(59999ms), "59.9 s");
}

TEST(Units, SizesAreShownInIec)
{
    EXPECT_EQ(format_size(0), "0 B");
    EXPECT_EQ(format_size(1023), "1023 B");
    EXPECT_EQ(format_size(8ULL << 30), "8.0 GiB");
    EXPECT_EQ(format_size((1ULL << 30) - 1), "1.0 GiB");
}

}  // namespace
}  // namespace vmferry
