// Disks that are copied because they are proved not to be shared: into a new image, of the VM's own, where there is
// room.

#include "tests/support/fake_disks.hpp"
#include "tests/support/fake_images.hpp"
#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::DiskKind;
using model::Severity;
using ::testing::HasSubstr;

constexpr uint64_t k_mib = uint64_t{1} << 20;

class CopiedDisksTest : public CheckTest {
protected:
    CopiedDisksTest()
    {
        domain.disks.clear();
        add_local("vda", "/local/web1.raw", "/local/web1.raw");
        source.mount("/local", local);
        target.mount("/local", std::make_shared<test::FakeStore>());
        target.mount("/fast", std::make_shared<test::FakeStore>());
        source.own_disks = &disks_here;
        target.own_disks = &disks_there;
        disks_here.users = {"web1"};
        disks_there.available = {{"/local", 200 * k_mib}, {"/fast", 200 * k_mib}};
    }

    void add_local(const std::string& name, const std::string& from, const std::string& to)
    {
        model::Disk& disk = add_disk(name, DiskKind::file, from);
        disk.format = "raw";
        copies.push_back({name, from, "raw", to, "raw", "", "0600", "pool", 100 * k_mib, 50 * k_mib, {}, {}});
        disks_here.all.push_back({name, from, "raw", from, "raw", "", false});
    }

    std::shared_ptr<test::FakeStore> local = std::make_shared<test::FakeStore>();
    test::FakeDisks disks_here;
    test::FakeDisks disks_there;
};

TEST_F(CopiedDisksTest, OneThatIsNotSharedIsCopiedAndNothingBlocks)
{
    EXPECT_TRUE(errors().empty());
    EXPECT_TRUE(proofs->is_disk_copied("vda"));
    EXPECT_FALSE(proofs->is_disk_shared("vda"));
    EXPECT_TRUE(is_clean(source, "/local") && is_clean(target, "/local"));
    proofs.emplace();
    EXPECT_THAT(finding("VMF-S030").message, HasSubstr("will be copied to /local/web1.raw on kvm2"));
}

TEST_F(CopiedDisksTest, NotAskedForItIsRefusedAndTheOptionIsNamed)
{
    copies.clear();
    const auto found = finding("VMF-S001");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.remedy, HasSubstr("--copy-storage"));
    EXPECT_FALSE(proofs->is_disk_copied("vda"));
}

TEST_F(CopiedDisksTest, OneThatIsSharedIsNeverCopied)
{
    target.mount("/local", local);
    source.add_file("/local/web1.raw");
    EXPECT_TRUE(errors().empty());
    EXPECT_FALSE(proofs->is_disk_copied("vda"));
    EXPECT_TRUE(proofs->is_disk_shared("vda"));
}

TEST_F(CopiedDisksTest, WhereSharingCannotBeToldNothingIsCopied)
{
    source.fail_call("create_probe", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-S007"), Severity::error);
    EXPECT_FALSE(proofs->is_disk_copied("vda"));
}

TEST_F(CopiedDisksTest, AFileOfThatNameAtTheTargetIsNotOverwritten)
{
    copies.front().to = "/fast/web1.raw";
    EXPECT_EQ(severity("VMF-S030"), Severity::ok);
    proofs.emplace();
    target.add_file("/fast/web1.raw");
    const auto found = finding("VMF-S030");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.message, HasSubstr("/fast/web1.raw exists on kvm2"));
    proofs.emplace();
    target.fail_call("file_exists", ErrorKind::unreachable);
    EXPECT_EQ(severity("VMF-S030"), Severity::error);
}

TEST_F(CopiedDisksTest, TwoDisksDoNotBecomeOneFile)
{
    add_local("vdb", "/local/sub/web1.raw", "/fast/web1.raw");
    source.mount("/local/sub", std::make_shared<test::FakeStore>());
    copies.front().to = "/fast/web1.raw";
    for (const auto& found : findings("VMF-S030")) {
        EXPECT_EQ(found.severity, Severity::error);
        EXPECT_THAT(found.message, HasSubstr("two disks would become"));
    }
}

TEST_F(CopiedDisksTest, TheImageMustBeTheOneTheVmIsDefinedWithAndOfNobodyElse)
{
    EXPECT_EQ(severity("VMF-S031"), Severity::ok);
    disks_here.all.front().inactive = "/local/old.raw";
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S031"), Severity::error);
    domain.now.persistent = false;  // Nothing is defined.
    disks_here.all.front().inactive.clear();
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S031"), Severity::ok);
    disks_here.all.front().copy = "/elsewhere";
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S031"), Severity::error);
    disks_here.all.front().copy.clear();
    disks_here.users = {"web1", "db1"};
    proofs.emplace();
    EXPECT_THAT(finding("VMF-S031").message, HasSubstr("used by db1"));
}

TEST_F(CopiedDisksTest, OfAVmThatIsOffTheFileMustBeTheWholeDisk)
{
    test::FakeImages contents;
    source.own_images = &contents;
    domain.now.state = model::RunState::shut_off;
    disks_here.all.front().live.clear();
    contents.files["/local/web1.raw"] = {"content", {}};
    EXPECT_EQ(severity("VMF-S031"), Severity::ok);
    contents.files["/local/web1.raw"].backing = "/local/base.raw";
    proofs.emplace();
    const auto found = finding("VMF-S031");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.message, HasSubstr("stands on /local/base.raw"));
    contents.answers = false;
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S031"), Severity::error);
}

TEST_F(CopiedDisksTest, TheTargetMustHaveRoomForAllOfThemTogether)
{
    add_local("vdb", "/local/data.raw", "/local/data.raw");
    EXPECT_EQ(severity("VMF-S032"), Severity::ok);
    disks_there.available["/local"] = 199 * k_mib;
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S032"), Severity::warn);
    disks_there.available["/local"] = 131 * k_mib;  // 16 MiB each are written meanwhile.
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S032"), Severity::error);
    disks_there.available.clear();
    proofs.emplace();
    const auto found = finding("VMF-S032");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.remedy, HasSubstr("mkdir /local"));
}

TEST_F(CopiedDisksTest, AChainBecomesOneImageAndNeedsAsMuchAsTheDiskIsLarge)
{
    domain.disks.front().backing = "/local/base.raw";
    disks_there.available["/local"] = 99 * k_mib;
    EXPECT_EQ(severity("VMF-S032"), Severity::error);
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S008"), Severity::ok);
}

TEST_F(CopiedDisksTest, ItsCacheIsNotTheOneOfASharedDisk)
{
    domain.disks.front().cache = "writeback";
    EXPECT_EQ(severity("VMF-S014"), Severity::ok);
    copies.clear();
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S014"), Severity::error);
}

}  // namespace
}  // namespace vmferry::checks
