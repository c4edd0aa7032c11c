#include "core/model/plan.hpp"

#include <gtest/gtest.h>

namespace vmferry::model {
namespace {

Plan some_plan()
{
    Plan plan;
    plan.transaction = Uuid::make_v7();
    plan.epoch = 12;
    plan.command = "migrate";
    plan.vm_uuid = Uuid::make_v7();
    plan.vm_name = "web1";
    plan.source = "kvm1";
    plan.target = "kvm2";
    plan.source_uri = "qemu+ssh://kvm1/system";
    plan.target_uri = "qemu+ssh://kvm2/system";
    plan.migrate_uri = "tcp://10.0.0.2";
    plan.tls = true;
    plan.tls_name = "kvm2.example.org";
    plan.probes = {"192.0.2.17"};
    plan.autostart = true;
    plan.nvram = "/var/lib/libvirt/qemu/nvram/web1_VARS.fd";
    plan.max_downtime_ms = 300;
    plan.max_bandwidth_mib_s = 80;
    plan.schedule.first_downtime = Milliseconds(25);
    return plan;
}

TEST(Plan, SurvivesJson)
{
    const Plan plan = some_plan();
    const auto text = parse_json(dump_json(to_json(plan)));
    ASSERT_TRUE(text);
    const auto back = plan_from_json(*text);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json(*back), to_json(plan));
    EXPECT_EQ(digest(*back), digest(plan));
    EXPECT_EQ(back->schedule.first_downtime, Milliseconds(25));
}

TEST(Plan, DigestChangesWithEachField)
{
    const Json good = to_json(some_plan());
    const auto original = plan_from_json(good);
    ASSERT_TRUE(original);
    for (const auto& [key, value] : good.items()) {
        Json changed = good;
        if (value.is_boolean()) {
            changed[key] = !value.get<bool>();
        } else if (value.is_number()) {
            changed[key] = value.get<int64_t>() + 1;
        } else if (key == "transaction" || key == "vm_uuid") {
            changed[key] = Uuid::make_v7().str();
        } else if (value.is_array()) {
            changed[key] = {"other"};
        } else if (key == "limits") {
            changed[key]["call_ms"] = 1;
        } else if (key == "schedule") {
            changed[key]["auto_converge"] = true;
        } else if (key != "switch_mode") {
            changed[key] = "other";
        } else {
            continue;
        }
        const auto plan = plan_from_json(changed);
        ASSERT_TRUE(plan) << key;
        EXPECT_NE(digest(*plan), digest(*original)) << key;
    }
}

TEST(Plan, DamagedPlanIsABadPlan)
{
    const Json good = to_json(some_plan());
    for (const auto& [key, value] : good.items()) {
        Json damaged = good;
        damaged.erase(key);
        const auto plan = plan_from_json(damaged);
        ASSERT_FALSE(plan) << key;
        EXPECT_EQ(plan.error().kind(), ErrorKind::bad_plan);
    }
    Json damaged = good;
    damaged["transaction"] = "nonsense";
    EXPECT_FALSE(plan_from_json(damaged));
    damaged = good;
    damaged["limits"]["call_ms"] = "soon";
    EXPECT_FALSE(plan_from_json(damaged));
    damaged = good;
    damaged["epoch"] = 1e300;
    EXPECT_FALSE(plan_from_json(damaged));
    damaged = good;
    damaged["switch_mode"] = "hope";
    EXPECT_FALSE(plan_from_json(damaged));
    damaged = good;
    damaged["schedule"]["on_timeout"] = "pray";
    EXPECT_FALSE(plan_from_json(damaged));
    EXPECT_FALSE(plan_from_json(Json()));
}

TEST(Plan, MarkerCarriesTransactionEpochAndRole)
{
    const Plan plan = some_plan();
    const Marker marker = plan.marker(Side::target);
    EXPECT_EQ(marker.transaction, plan.transaction);
    EXPECT_EQ(marker.epoch, 12);
    EXPECT_EQ(marker.role, Side::target);
    EXPECT_FALSE(marker.committed);
    EXPECT_TRUE(marker.same_transaction(plan.marker(Side::source)));
}

}  // namespace
}  // namespace vmferry::model
