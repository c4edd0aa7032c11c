#include "core/model/finding.hpp"

#include <gtest/gtest.h>

namespace vmferry::model {
namespace {

Finding with(Severity severity, bool accepted = false)
{
    Finding finding;
    finding.id = "VMF-X001";
    finding.severity = severity;
    finding.accepted = accepted;
    return finding;
}

TEST(Finding, OnlyAnErrorThatNobodyAcceptedBlocks)
{
    EXPECT_FALSE(blocks({}));
    EXPECT_FALSE(blocks({with(Severity::ok), with(Severity::info), with(Severity::warn)}));
    EXPECT_FALSE(blocks({with(Severity::error, true)}));
    EXPECT_TRUE(blocks({with(Severity::ok), with(Severity::error)}));
}

TEST(Finding, JsonCarriesAllFields)
{
    Finding finding = with(Severity::warn);
    finding.facts = {{"free", 1}};
    const Json json = to_json(finding);
    EXPECT_EQ(json["id"], "VMF-X001");
    EXPECT_EQ(json["severity"], "warn");
    EXPECT_EQ(json["facts"]["free"], 1);
    EXPECT_EQ(json["accepted"], false);
}

}  // namespace
}  // namespace vmferry::model
