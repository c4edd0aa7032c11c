#include "core/model/disk_copies.hpp"

#include <gtest/gtest.h>

#include "core/model/plan.hpp"

namespace vmferry::model {
namespace {

DiskCopies some_copies()
{
    DiskCopies copies;
    copies.wanted = true;
    copies.keep_source = true;
    copies.disks.push_back(
        {"vda", "/a/x.raw", "raw", "/b/x.raw", "raw", "fast", "0600", "vmferry-1-vda", 64, 32, {}, {}});
    copies.disks.push_back({"vdb", "/a/y", "qcow2", "/a/y", "qcow2", "", "", "vmferry-1-vdb", 128, 0, {}, {}});
    copies.disks.back().owner = "107:107";
    return copies;
}

TEST(DiskCopies, AreReadBackAsTheyWereWritten)
{
    const auto back = disk_copies_from_json(to_json(some_copies()));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json(*back), to_json(some_copies()));
    EXPECT_EQ(back->disks.at(1).to_format, "qcow2");
    EXPECT_EQ(back->disks.at(1).owner, "107:107");
}

TEST(DiskCopies, WhatIsMissingIsNamed)
{
    for (const char* key : {"wanted", "keep_source", "synchronous", "disks"}) {
        Json json = to_json(some_copies());
        json.erase(key);
        const auto back = disk_copies_from_json(json);
        ASSERT_FALSE(back) << key;
        EXPECT_EQ(back.error().kind(), ErrorKind::bad_plan);
    }
    EXPECT_FALSE(disk_copies_from_json(Json("text")));
}

TEST(DiskCopies, OfThoseThatCouldBeCopiedOnlyTheUnsharedStay)
{
    DiskCopies copies = some_copies();
    copies.reduce_to({"vdb", "vdz"});
    ASSERT_EQ(copies.disks.size(), 1U);
    EXPECT_EQ(copies.disks.front().target, "vdb");
    copies.reduce_to({});
    EXPECT_FALSE(copies.any());
    EXPECT_TRUE(copies.wanted);
}

TEST(DiskCopies, APlanCarriesThemOnlyWhenAskedFor)
{
    Plan plan;
    plan.transaction = Uuid::make_v7();
    plan.vm_uuid = Uuid::make_v7();
    EXPECT_FALSE(to_json(plan).contains("copies"));
    plan.copies = some_copies();
    const auto back = plan_from_json(to_json(plan));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_FALSE(back->moves_storage());
    EXPECT_EQ(digest(*back), digest(plan));
}

}  // namespace
}  // namespace vmferry::model
