// Where each disk would be copied to: at the same path, by --map-storage, by a sealed plan, or back.

#include "core/phases/copy_plan.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_disks.hpp"
#include "tests/support/fake_host.hpp"

namespace vmferry::phases {
namespace {

using model::DiskKind;

/// Two hosts with images and nothing else.
class TwoHosts final : public world::Hypervisor {
public:
    test::FakeDisks source;
    test::FakeDisks target;

    Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address, Milliseconds) override
    {
        auto host = std::make_unique<test::FakeHost>(address.label);
        host->own_disks = address.label == "kvm1" ? &source : &target;
        return host;
    }
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::internal, "nothing moves here");
    }
};

class NoClock final : public world::Clock {
public:
    [[nodiscard]] Milliseconds now() const override { return Milliseconds(0); }
    void sleep(Milliseconds) override {}
};

class CopyPlanTest : public testing::Test {
protected:
    CopyPlanTest()
    {
        EXPECT_TRUE(m_hosts.open_both(Milliseconds(1)));
        context.plan.source = "kvm1";
        context.plan.target = "kvm2";
        context.plan.transaction = Uuid::make_v7();
        context.domain.name = "web1";
        add_disk("vda", "/images/web1.qcow2", "qcow2");
        add_disk("vdb", "/images/web1/data.raw", "raw");
        hosts.source.disk_size = {100, 50};
        hosts.source.file_access = {"107:107", "0640"};
        hosts.source.available = {{"/images", 1}};
        hosts.target.available = {{"/fast", 1}, {"/other", 1}};
        hosts.target.pools = {{"fast", "/fast"}};
    }

    model::Disk& add_disk(const std::string& target, const std::string& path, const std::string& format)
    {
        model::Disk& disk = context.domain.disks.emplace_back();
        disk.target = target;
        disk.device = "disk";
        disk.kind = DiskKind::file;
        disk.source = path;
        disk.format = format;
        return disk;
    }
    std::string to(size_t index) const { return context.plan.copies.disks.at(index).to; }

    TwoHosts hosts;
    NoClock m_clock;
    world::World m_world{hosts, m_clock, std::launch::deferred};
    std::unique_ptr<journal::Store> m_store = journal::open_memory();
    engine::Hosts m_hosts{m_world, {"kvm1", "", ""}, {"kvm2", "", ""}};
    engine::Reporter m_reporter;
    engine::Interrupt m_interrupt;
    engine::Context context{m_world, *m_store, m_hosts, m_reporter, m_interrupt};
};

TEST_F(CopyPlanTest, WithoutAMappingAnImageKeepsItsPathAndItsLooks)
{
    ASSERT_TRUE(plan_copies(context, {}));
    const auto& copies = context.plan.copies;
    ASSERT_EQ(copies.disks.size(), 2U);
    EXPECT_TRUE(copies.wanted);
    EXPECT_EQ(to(0), "/images/web1.qcow2");
    EXPECT_EQ(copies.disks[0].to_format, "qcow2");
    EXPECT_EQ(copies.disks[0].mode, "0640");
    EXPECT_EQ(copies.disks[0].capacity_bytes, 100U);
    EXPECT_EQ(copies.disks[0].owner, "107:107");
}

TEST_F(CopyPlanTest, WhatLiesInAMappedDatastoreGoesToTheOther)
{
    CopyRequest request;
    request.map = {{"/images/", "fast"}};
    ASSERT_TRUE(plan_copies(context, request)) << "with the slash";
    EXPECT_EQ(to(0), "/fast/web1.qcow2");
    EXPECT_EQ(context.plan.copies.disks[0].pool, "fast");
    EXPECT_EQ(to(1), "/fast/web1/data.raw");
    EXPECT_EQ(context.plan.copies.disks[1].pool, "") << "a pool does not know what lies below its directory";
}

TEST_F(CopyPlanTest, TheLongestDirectoryCountsAndANameIsNotADirectory)
{
    hosts.source.available = {{"/images", 1}, {"/images/web1", 1}, {"/ima", 1}};
    CopyRequest request;
    request.map = {{"/images/web1", "/other"}, {"/images", "/fast"}, {"/ima", "/other"}};
    ASSERT_TRUE(plan_copies(context, request));
    EXPECT_EQ(to(0), "/fast/web1.qcow2");
    EXPECT_EQ(to(1), "/other/data.raw");
}

TEST_F(CopyPlanTest, ADatastoreThatAHostDoesNotKnowIsNotFound)
{
    for (const auto& [from, where] : {std::pair{"nowhere", "/fast"}, std::pair{"/images", "nowhere"}}) {
        CopyRequest request;
        request.map = {{from, where}};
        const auto planned = plan_copies(context, request);
        ASSERT_FALSE(planned);
        EXPECT_EQ(planned.error().kind(), ErrorKind::not_found);
    }
}

TEST_F(CopyPlanTest, WhatCannotBeCopiedIsNoCandidate)
{
    add_disk("vdc", "/images/ro.raw", "raw").read_only = true;
    add_disk("vdd", "/images/both.raw", "raw").shareable = true;
    add_disk("vde", "/images/secret.raw", "raw").encrypted = true;
    add_disk("vdf", "/images/x.vmdk", "vmdk");
    add_disk("vdg", "/dev/sdb", "raw").kind = DiskKind::block;
    add_disk("sda", "/images/cd.iso", "raw").device = "cdrom";
    ASSERT_TRUE(plan_copies(context, {}));
    EXPECT_EQ(context.plan.copies.disks.size(), 2U);
}

TEST_F(CopyPlanTest, ASealedPlanIsCarriedOutAsItStandsOrNotAtAll)
{
    ASSERT_TRUE(plan_copies(context, {}));
    context.plan.copies.reduce_to({"vdb"});
    const model::Plan sealed = context.plan;
    hosts.source.disk_size.allocation_bytes = 70;  // The guest has written.
    ASSERT_TRUE(plan_copies(context, copies_as_planned(sealed)));
    EXPECT_EQ(model::to_json(context.plan.copies), model::to_json(sealed.copies));
    EXPECT_TRUE(context.copies_fixed);
    hosts.source.disk_size.capacity_bytes = 200;
    const auto grown = plan_copies(context, copies_as_planned(sealed));
    ASSERT_FALSE(grown);
    EXPECT_EQ(grown.error().kind(), ErrorKind::bad_plan);
}

TEST_F(CopyPlanTest, TheWayBackLeadsToTheOldPaths)
{
    EXPECT_FALSE(copies_back(context.plan));
    CopyRequest request;
    request.map = {{"/images", "/fast"}};
    ASSERT_TRUE(plan_copies(context, request));
    context.plan.copies.reduce_to({"vda"});
    const auto back = copies_back(context.plan);
    ASSERT_TRUE(back);
    context.domain.disks[0].source = "/fast/web1.qcow2";
    ASSERT_TRUE(plan_copies(context, *back));
    ASSERT_EQ(context.plan.copies.disks.size(), 1U);
    EXPECT_EQ(context.plan.copies.disks[0].from, "/fast/web1.qcow2");
    EXPECT_EQ(to(0), "/images/web1.qcow2");
}

TEST_F(CopyPlanTest, WhatIsToBeEncryptedDoesNotPassAPlainConnection)
{
    engine::Hosts hosts_by_tcp(m_world, {"kvm1", "qemu+ssh://kvm1/system", ""}, {"kvm2", "qemu+tcp://kvm2/system", ""});
    ASSERT_TRUE(hosts_by_tcp.open_both(Milliseconds(1)));
    engine::Context by_tcp(m_world, *m_store, hosts_by_tcp, m_reporter, m_interrupt);
    by_tcp.plan.tls = by_tcp.plan.was_off = true;
    const auto planned = plan_copies(by_tcp, {});
    ASSERT_FALSE(planned);
    EXPECT_EQ(planned.error().id(), "VMF-E228");
    by_tcp.plan.was_off = false;  // QEMU encrypts what it sends.
    EXPECT_TRUE(plan_copies(by_tcp, {}));
}

}  // namespace
}  // namespace vmferry::phases
