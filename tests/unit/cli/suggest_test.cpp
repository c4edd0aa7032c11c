#include "cli/suggest.hpp"

#include <gtest/gtest.h>

namespace vmferry::cli {

TEST(SuggestTest, FindsTheWordThatWasMeant)
{
    EXPECT_EQ(nearest("--tiemout", {"--timeout", "--target"}), "--timeout");
    EXPECT_EQ(nearest("migrat", {"migrate", "status"}), "migrate");
    EXPECT_EQ(did_you_mean("hots", {"host", "hooks"}), "; did you mean 'host'?");
}

TEST(SuggestTest, SaysNothingWhenNoWordIsNear)
{
    EXPECT_EQ(nearest("storage", {"host", "journal"}), "");
    EXPECT_EQ(nearest("x", {}), "");
    EXPECT_EQ(did_you_mean("", {"host"}), "");
}

}  // namespace vmferry::cli
