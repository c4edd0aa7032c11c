#include "core/base/uuid.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vmferry {
namespace {

TEST(UuidTest, UpperCaseIsTheSameUuid)
{
    const auto uuid = Uuid::parse("5A1E0000-00AB-4000-8000-0000000000FF");
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->str(), "5a1e0000-00ab-4000-8000-0000000000ff");
    EXPECT_EQ(uuid->brief(), "5a1e0000-00ab");
}

TEST(UuidTest, WhatIsNoUuidIsRefused)
{
    for (const char* text : {"", "web1", "5a1e000000ab400080000000000000ff", "5a1e0000-00ab-4000-8000-0000000000fg",
                             "5a1e0000-00ab-4000-8000-0000000000ff ", "5a1e0000_00ab-4000-8000-0000000000ff"}) {
        EXPECT_FALSE(Uuid::parse(text)) << text;
    }
}

TEST(UuidTest, VersionSevenIsUniqueAndSortsByTime)
{
    std::set<std::string> seen;
    std::string last;
    for (int i = 0; i < 1000; ++i) {
        const Uuid uuid = Uuid::make_v7();
        EXPECT_TRUE(Uuid::parse(uuid.str()));
        EXPECT_EQ(uuid.str()[14], '7');
        EXPECT_NE(std::string("89ab").find(uuid.str()[19]), std::string::npos);
        EXPECT_TRUE(seen.insert(uuid.str()).second);
        EXPECT_GE(uuid.str().substr(0, 13), last);
        last = uuid.str().substr(0, 13);
    }
}

}  // namespace
}  // namespace vmferry
