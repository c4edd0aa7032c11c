#include "core/model/storage_move.hpp"

#include <gtest/gtest.h>

#include "core/model/plan.hpp"

namespace vmferry::model {
namespace {

StorageMove some_move()
{
    StorageMove move;
    move.synchronous = true;
    move.bandwidth_bytes_per_s = 1 << 20;
    move.keep_source = move.return_ticket = true;
    move.disks.push_back({"vda", "/old/a.qcow2", "qcow2", "/new/a.qcow2", "qcow2", "fast", "0600", "vmferry-1-vda", 64,
                          32, "/base/a", "raw", false});
    move.disks.push_back({"vdb", "/old/b", "raw", "/new/b", "raw", "", "", "vmferry-1-vdb", 128, 0, "", "", true});
    return move;
}

TEST(StorageMove, IsReadBackAsItWasWritten)
{
    const auto back = storage_move_from_json(to_json(some_move()));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json(*back), to_json(some_move()));
    ASSERT_EQ(back->disks.size(), 2U);
    EXPECT_EQ(back->disks[0].working_pool, "vmferry-1-vda");
    EXPECT_EQ(back->disks[1].capacity_bytes, 128U);
    EXPECT_EQ(back->disks[0].backing, "/base/a");
    EXPECT_TRUE(back->disks[1].reuse);
    EXPECT_TRUE(back->keep_source && back->return_ticket);
}

TEST(StorageMove, AMissingFieldIsNamed)
{
    for (const char* key :
         {"target", "from", "from_format", "to", "to_format", "pool", "working_pool", "backing", "reuse"}) {
        Json json = to_json(some_move());
        json["disks"][1].erase(key);
        const auto back = storage_move_from_json(json);
        ASSERT_FALSE(back) << key;
        EXPECT_EQ(back.error().kind(), ErrorKind::bad_plan);
        EXPECT_NE(back.error().text().find(key), std::string::npos) << back.error().text();
    }
    EXPECT_FALSE(storage_move_from_json(Json{{"synchronous", false}, {"bandwidth_bytes_per_s", 0}}));
    EXPECT_FALSE(storage_move_from_json(Json("text")));
}

TEST(StorageMove, APlanCarriesItOnlyWhenDisksMove)
{
    Plan plan;
    plan.transaction = Uuid::make_v7();
    plan.vm_uuid = Uuid::make_v7();
    EXPECT_FALSE(to_json(plan).contains("storage"));
    plan.storage = some_move();
    const auto back = plan_from_json(to_json(plan));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_TRUE(back->moves_storage());
    EXPECT_EQ(digest(*back), digest(plan));
}

}  // namespace
}  // namespace vmferry::model
