#include "core/base/text_diff.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace vmferry {
namespace {

std::string read(const std::string& path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(TextDiff, EqualTextsHaveNone)
{
    EXPECT_EQ(unified_diff("a", "", "b", ""), "");
    EXPECT_EQ(unified_diff("a", "x\ny\n", "b", "x\ny\n"), "");
}

TEST(TextDiff, OneAddedElementWithItsNeighbours)
{
    EXPECT_EQ(unified_diff("kvm1", "1\n2\n3\n4\n5\n", "kvm2", "1\n2\n3\n4\nnew\n5\n"),
              "--- kvm1\n+++ kvm2\n@@ -2,4 +2,5 @@\n 2\n 3\n 4\n+new\n 5\n");
    EXPECT_EQ(unified_diff("a", "", "b", "x\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
}

/// patch(1) makes of the old text and the diff the new text, whatever they are.
TEST(TextDiff, PatchUnderstandsIt)
{
    if (std::system("command -v patch >/dev/null") != 0) {
        GTEST_SKIP() << "no patch(1)";
    }
    std::string directory = "/tmp/text-diff-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    std::mt19937 random(7);
    for (int story = 0; story < 40; ++story) {
        std::string before;
        std::string after;
        for (unsigned i = 0; i < random() % 60; ++i) {
            const std::string line = fmt::format("line {}\n", random() % 9);
            before += random() % 8 != 0 ? line : "";
            after += random() % 8 != 0 ? line : fmt::format("new {}\n", i);
        }
        const std::string diff = unified_diff("text", before, "text", after);
        std::ofstream(directory + "/text") << before;
        std::ofstream(directory + "/diff") << diff;
        if (!diff.empty()) {
            ASSERT_EQ(
                std::system(
                    ("patch -s -f -o " + directory + "/out " + directory + "/text " + directory + "/diff").c_str()),
                0)
                << diff;
            EXPECT_EQ(read(directory + "/out"), after) << diff;
        } else {
            EXPECT_EQ(before, after);
        }
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace vmferry
