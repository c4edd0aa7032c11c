// Goal: a path of another host is taken apart as its words say.

#include "core/base/path.hpp"

#include <gtest/gtest.h>

namespace vmferry {
namespace {

TEST(Path, HasADirectoryAndAName)
{
    EXPECT_EQ(directory_of("/a/b/web1.qcow2"), "/a/b");
    EXPECT_EQ(name_of("/a/b/web1.qcow2"), "web1.qcow2");
}

TEST(Path, MayLieInTheRootOrNowhere)
{
    EXPECT_EQ(directory_of("/web1.raw"), "/");
    EXPECT_EQ(directory_of("web1.raw"), ".");
    EXPECT_EQ(name_of("web1.raw"), "web1.raw");
}

}  // namespace
}  // namespace vmferry
