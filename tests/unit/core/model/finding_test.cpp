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

TEST(Finding, JsonCarriesWhatThereIs)
{
    Finding finding = with(Severity::warn);
    finding.facts = {{"free", 1}};
    const Json plain = to_json(finding);
    EXPECT_EQ(plain.at("id"), "VMF-X001");
    EXPECT_EQ(plain.at("severity"), "warn");
    EXPECT_EQ(plain.at("facts").at("free"), 1);
    EXPECT_FALSE(plain.contains("fix"));
    EXPECT_EQ(plain.at("accepted"), false);
    finding.remedy = "do this";
    finding.accepted = true;
    EXPECT_EQ(to_json(finding).at("fix"), "do this");
    EXPECT_EQ(to_json(finding).at("accepted"), true);
}

}  // namespace
}  // namespace vmferry::model
