#include "core/model/finding.hpp"

#include <gtest/gtest.h>

namespace vmferry::model {
namespace {

Finding finding(Severity severity, bool accepted = false)
{
    return {"VMF-S014",          severity, "disk vdb", "cache=writeback", {{"cache", "writeback"}},
            "--accept VMF-S014", accepted};
}

TEST(Finding, OnlyAnErrorThatIsNotAcceptedBlocks)
{
    EXPECT_FALSE(blocks({}));
    EXPECT_FALSE(blocks({finding(Severity::ok), finding(Severity::info), finding(Severity::warn)}));
    EXPECT_TRUE(blocks({finding(Severity::ok), finding(Severity::error)}));
    EXPECT_FALSE(blocks({finding(Severity::error, true)}));
    EXPECT_TRUE(blocks({finding(Severity::error, true), finding(Severity::error)}));
}

TEST(Finding, JsonHasTheKeysThatScriptsRelyOn)
{
    const Json json = to_json(finding(Severity::error, true));
    EXPECT_EQ(json.dump(),
              R"({"accepted":true,"facts":{"cache":"writeback"},"fix":"--accept VMF-S014",)"
              R"("id":"VMF-S014","message":"cache=writeback","severity":"error","subject":"disk vdb"})");
    Finding plain = finding(Severity::ok);
    plain.remedy.clear();
    EXPECT_FALSE(to_json(plain).contains("fix"));
    EXPECT_FALSE(to_json(plain).contains("accepted"));
}

}  // namespace
}  // namespace vmferry::model
