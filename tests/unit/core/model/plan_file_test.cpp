#include "core/model/plan_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace vmferry::model {
namespace {

using testing::HasSubstr;

PlanFile some_file()
{
    PlanFile file;
    file.plan.transaction = Uuid::make_v7();
    file.plan.vm_uuid = Uuid::make_v7();
    file.plan.vm_name = "web1";
    file.plan.source = "kvm1";
    file.plan.target = "kvm2";
    file.plan.command = "migrate";
    file.facts = {{"vm.state", "running"}, {"target.host_uuid", "b"}};
    file.steps = {{"reserve", "autostart:source", Json::object()},
                  {"reserve", "nvram:target", {{"path", "/var/lib/web1_VARS.fd"}}}};
    file.accepted = {"VMF-T005"};
    file.created_at_ms = 1000;
    file.expires_at_ms = 2000;
    return file;
}

PlanRules at(int64_t now_ms)
{
    PlanRules rules;
    rules.now_ms = now_ms;
    return rules;
}

TEST(PlanFile, SurvivesTheWayThroughAFile)
{
    const PlanFile file = some_file();
    const auto back = plan_file_from_text(to_text(file));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_text(*back), to_text(file));
    EXPECT_EQ(back->facts, file.facts);
    EXPECT_EQ(back->steps.size(), 2U);
    EXPECT_EQ(back->accepted, file.accepted);
}

TEST(PlanFile, AnyChangedLetterIsSeen)
{
    const std::string good = to_text(some_file());
    for (size_t i = 0; i + 1 < good.size(); ++i) {
        for (const char letter : {'0', '1', 'x'}) {
            std::string changed = good;
            changed[i] = letter;
            if (changed == good || good.substr(0, i).ends_with("\"signature\":")) {
                continue;
            }
            const auto read = plan_file_from_text(changed);
            ASSERT_FALSE(read) << changed.substr(i > 20 ? i - 20 : 0, 40);
            EXPECT_EQ(read.error().kind(), ErrorKind::bad_plan);
        }
    }
}

TEST(PlanFile, WordsThatNobodyReadsAreSealedToo)
{
    Json json = parse_json(to_text(some_file())).value();
    json["note"] = "x";
    EXPECT_FALSE(plan_file_from_text(dump_json(json)));
    json.erase("note");
    EXPECT_TRUE(plan_file_from_text(dump_json(json)));
    json["moves"][0]["note"] = "x";
    EXPECT_FALSE(plan_file_from_text(dump_json(json)));
}

TEST(PlanFile, OtherFilesAreBadPlans)
{
    for (const char* text : {"", "{}", "[]", "hello", "null", R"({"schema":"vmferry.plan/2"})",
                             R"({"schema":"vmferry.plan/1"})", R"({"schema":"vmferry.plan/1","moves":[]})"}) {
        const auto read = plan_file_from_text(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind(), ErrorKind::bad_plan);
        EXPECT_THAT(read.error().next(), HasSubstr("vmferry plan"));
    }
}

TEST(PlanFile, HoldsUntilItExpires)
{
    EXPECT_TRUE(check_rules(some_file(), at(1999)));
    const auto late = check_rules(some_file(), at(2000));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), ErrorKind::bad_plan);
    EXPECT_THAT(late.error().what(), HasSubstr("expired at 1970-01-01T00:00:02.000Z"));
}

TEST(PlanFile, ChangedFactIsNamedWithBothValues)
{
    const Facts planned = some_file().facts;
    EXPECT_TRUE(check_facts(planned, planned));
    Facts now = planned;
    now["vm.state"] = "paused";
    const auto changed = check_facts(planned, now);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().kind(), ErrorKind::bad_plan);
    EXPECT_THAT(changed.error().what(), HasSubstr("vm.state was running, is paused"));
    now.erase("vm.state");
    EXPECT_THAT(check_facts(planned, now).error().what(), HasSubstr("is unknown"));
}

TEST(PlanFile, PlansMayDifferInTransactionAndEpochOnly)
{
    const Plan planned = some_file().plan;
    Plan now = planned;
    now.transaction = Uuid::make_v7();
    now.epoch = 7;
    EXPECT_TRUE(check_plan(planned, now));
    now.autostart = true;
    EXPECT_THAT(check_plan(planned, now).error().what(), HasSubstr("autostart was false, is true"));
}

class SignedPlan : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_NE(::mkdtemp(m_directory.data()), nullptr);
        for (const char* name : {"mine", "other"}) {
            const std::string key = m_directory + "/" + name;
            const std::string make = "umask 077; openssl genpkey -algorithm ed25519 -out " + key +
                                     " && openssl pkey -in " + key + " -pubout -out " + key + ".pub";
            ASSERT_EQ(std::system(make.c_str()), 0);
        }
        m_rules = at(1500);
        m_rules.require_signature = true;
        m_rules.keys = {m_directory + "/other.pub", m_directory + "/mine.pub"};
        m_file.signature = sign(digest(m_file), m_directory + "/mine").value();
    }
    void TearDown() override { std::filesystem::remove_all(m_directory); }

    std::string m_directory = "/tmp/plan-test-XXXXXX";
    PlanFile m_file = some_file();
    PlanRules m_rules;
};

TEST_F(SignedPlan, GoodSignatureOfAKnownKeyIsAccepted)
{
    const auto back = plan_file_from_text(to_text(m_file));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_TRUE(check_rules(*back, m_rules));
}

TEST_F(SignedPlan, MissingSignatureIsRefusedWhereOneIsWanted)
{
    m_file.signature.reset();
    EXPECT_EQ(check_rules(m_file, m_rules).error().kind(), ErrorKind::bad_plan);
    m_rules.require_signature = false;
    EXPECT_TRUE(check_rules(m_file, m_rules));
}

TEST_F(SignedPlan, SignatureOfAStrangerIsRefusedEvenWhereNoneIsWanted)
{
    m_rules.keys = {m_directory + "/other.pub"};
    for (const bool wanted : {true, false}) {
        m_rules.require_signature = wanted;
        EXPECT_EQ(check_rules(m_file, m_rules).error().kind(), ErrorKind::bad_plan);
    }
}

TEST_F(SignedPlan, SignatureOfAnotherPlanIsRefused)
{
    m_file.facts["vm.state"] = "paused";
    EXPECT_EQ(check_rules(m_file, m_rules).error().kind(), ErrorKind::bad_plan);
}

TEST_F(SignedPlan, WithoutKeysNoSignatureIsEnough)
{
    m_rules.keys.clear();
    EXPECT_EQ(check_rules(m_file, m_rules).error().kind(), ErrorKind::bad_plan);
    m_rules.require_signature = false;
    EXPECT_TRUE(check_rules(m_file, m_rules));
}

}  // namespace
}  // namespace vmferry::model
