// Each kind of disk: accepted when it is proved to be the same object on both hosts, refused when
// it is not, and refused when nobody can tell.

#include <algorithm>

#include "core/checks/block_identity.hpp"
#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::DiskKind;
using model::Severity;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class DisksTest : public CheckTest {
protected:
    model::Disk& only_disk(DiskKind kind, const std::string& where)
    {
        domain.disks.clear();
        return add_disk("vda", kind, where);
    }
    bool is_proved()
    {
        static_cast<void>(all());
        return proofs->is_disk_shared("vda");
    }
};

TEST_F(DisksTest, FileOnSharedDirectoryIsProved)
{
    EXPECT_EQ(severity("VMF-S001"), Severity::ok);
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S002"), Severity::ok);
    EXPECT_TRUE(proofs->is_disk_shared("vda"));
}

TEST_F(DisksTest, FileInDirectoriesThatOnlyLookTheSameIsRefusedAndSaysSo)
{
    target.mount("/srv/vm", std::make_shared<test::FakeStore>());
    target.add_file("/srv/vm/web1.qcow2", "data");
    const auto found = finding("VMF-S001");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_EQ(found.subject, "disk vda");
    EXPECT_THAT(found.message, HasSubstr("not shared"));
    EXPECT_THAT(found.remedy, HasSubstr("storage that kvm1 and kvm2 share"));
    EXPECT_FALSE(proofs->is_disk_shared("vda"));
}

TEST_F(DisksTest, FileHiddenInSharedDirectoryIsRefused)
{
    only_disk(DiskKind::file, "/srv/vm/other.qcow2");
    EXPECT_EQ(severity("VMF-S002"), Severity::error);
    EXPECT_FALSE(is_proved());
}

TEST_F(DisksTest, TargetThatCannotTellWhetherItHasTheFileIsRefused)
{
    target.fail_call("file_exists", ErrorKind::denied);
    EXPECT_EQ(severity("VMF-S002"), Severity::error);
    EXPECT_FALSE(is_proved());
}

TEST_F(DisksTest, ProofThatFailsIsRefusedUnderAnotherIdThanADisproof)
{
    source.fail_call("create_probe", ErrorKind::failed);
    EXPECT_THAT(errors(), ElementsAre("VMF-S007"));
    EXPECT_FALSE(proofs->is_disk_shared("vda"));
}

TEST_F(DisksTest, AcceptingAFailedProofDoesNotAcceptAMissingFile)
{
    source.fail_call("create_probe", ErrorKind::failed);
    only_disk(DiskKind::file, "/srv/vm/other.qcow2");
    EXPECT_TRUE(model::blocks(all({"VMF-S007"})));
    EXPECT_FALSE(proofs->is_disk_shared("vda"));
}

TEST_F(DisksTest, PathBesideWhichNoNonceMayBeIsRefused)
{
    for (const char* path : {"/web1.raw", "/dev/shm/web1.raw", "relative.raw", "/srv/../web1.raw"}) {
        only_disk(DiskKind::file, path);
        proofs.emplace();
        EXPECT_EQ(severity("VMF-S007"), Severity::error) << path;
        EXPECT_TRUE(ledger.lines.empty()) << path;
    }
}

TEST_F(DisksTest, ReadOnlyDiskMustBeTheSameToo)
{
    only_disk(DiskKind::file, "/local/base.raw").read_only = true;
    source.add_file("/local/base.raw");
    target.add_file("/local/base.raw");
    EXPECT_EQ(severity("VMF-S001"), Severity::error);
}

TEST_F(DisksTest, EachDiskIsJudgedByItself)
{
    add_disk("vdb", DiskKind::file, "/local/b.raw");
    static_cast<void>(all());
    EXPECT_TRUE(proofs->is_disk_shared("vda"));
    EXPECT_FALSE(proofs->is_disk_shared("vdb"));
}

TEST_F(DisksTest, NetworkDiskAtOneServerIsProved)
{
    only_disk(DiskKind::network, "iscsi://san:3260/iqn.2026-01.org:web1/1");
    EXPECT_EQ(severity("VMF-S003"), Severity::ok);
    EXPECT_TRUE(is_proved());
}

TEST_F(DisksTest, NetworkDiskAtEachHostItselfIsRefused)
{
    for (const char* where : {"nbd://127.0.0.1:10809/web1", "nbd:///run/web1.sock/web1", "rbd:///pool/web1"}) {
        only_disk(DiskKind::network, where);
        proofs.emplace();
        EXPECT_EQ(severity("VMF-S003"), Severity::error) << where;
        EXPECT_FALSE(is_proved()) << where;
    }
}

TEST_F(DisksTest, BlockDeviceOfOneIdentityIsProved)
{
    only_disk(DiskKind::block, "/dev/disk/by-id/wwn-0x600140512345678");
    source.block_identities["/dev/disk/by-id/wwn-0x600140512345678"] = "600140512345678";
    target.block_identities["/dev/disk/by-id/wwn-0x600140512345678"] = "600140512345678";
    EXPECT_EQ(severity("VMF-S004"), Severity::ok);
    EXPECT_TRUE(is_proved());
}

TEST_F(DisksTest, BlockDeviceOfTheSameNameButAnotherIdentityIsRefused)
{
    only_disk(DiskKind::block, "/dev/sdb");
    source.block_identities["/dev/sdb"] = "600140511111111";
    target.block_identities["/dev/sdb"] = "600140522222222";
    const auto found = finding("VMF-S004");
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_THAT(found.message, HasSubstr("600140522222222"));
    EXPECT_FALSE(is_proved());
}

TEST_F(DisksTest, BlockDeviceWithoutIdentityOrWithoutDeviceIsRefused)
{
    only_disk(DiskKind::block, "/dev/vg/web1");
    EXPECT_EQ(severity("VMF-S004"), Severity::error) << "no host has it";
    source.block_identities["/dev/vg/web1"] = "";
    target.block_identities["/dev/vg/web1"] = "";
    EXPECT_EQ(severity("VMF-S004"), Severity::error) << "equal, but empty";
    source.block_identities["/dev/vg/web1"] = "600140511111111";
    EXPECT_EQ(severity("VMF-S004"), Severity::error) << "only one host knows";
    target.fail_call("block_identity", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-S004"), Severity::error) << "target cannot tell";
    EXPECT_FALSE(is_proved());
}

TEST_F(DisksTest, SerialThatEveryFirstDiskHasProvesNothing)
{
    for (const char* serial : {"QM00001", "beaf11", "IET     00010001", "0000000000000000", "1234567",
                               "0x60000000000000000e00000000010001", "drive-scsi0-0-0-0"}) {
        only_disk(DiskKind::block, "/dev/sdb");
        source.block_identities["/dev/sdb"] = serial;
        target.block_identities["/dev/sdb"] = serial;
        EXPECT_EQ(severity("VMF-S004"), Severity::error) << serial;
    }
    EXPECT_FALSE(is_weak_identity("0x60014057d1d4c6b2a0e4b1f8a5c3d2e1"));
    EXPECT_FALSE(is_weak_identity("eui.0025388b01234567"));
}

TEST_F(DisksTest, VolumeThatIsNotResolvedIsRefused)
{
    only_disk(DiskKind::volume, "pool1/web1.qcow2");
    EXPECT_EQ(severity("VMF-S005"), Severity::error);
    EXPECT_FALSE(is_proved());
}

TEST_F(DisksTest, VolumeResolvedToAPathIsProvedLikeAFile)
{
    only_disk(DiskKind::volume, "/srv/vm/web1.qcow2");
    EXPECT_TRUE(is_proved());
}

TEST_F(DisksTest, KindsThatCannotBeSharedAreRefused)
{
    only_disk(DiskKind::directory, "/srv/vm/");
    EXPECT_EQ(severity("VMF-S006"), Severity::error);
    only_disk(DiskKind::other, "pci");
    EXPECT_EQ(severity("VMF-S006"), Severity::error);
    only_disk(DiskKind::file, "");
    EXPECT_EQ(severity("VMF-S006"), Severity::error) << "a disk that says nothing about its place";
}

TEST_F(DisksTest, NoDiskEscapesAllStorageChecks)
{
    for (const DiskKind kind :
         {DiskKind::file, DiskKind::block, DiskKind::directory, DiskKind::network, DiskKind::volume, DiskKind::other}) {
        for (const char* where : {"", "/local/a.raw", "/dev/sdx", "pool/volume", "nbd://localhost/x", "pci"}) {
            for (const char* device : {"disk", "lun", "floppy", ""}) {
                only_disk(kind, where).device = device;
                const bool empty_drive = std::string(device) == "floppy" && std::string(where).empty();
                proofs.emplace();
                EXPECT_EQ(model::blocks(all()), !empty_drive)
                    << static_cast<int>(kind) << " " << where << " " << device;
            }
        }
    }
}

TEST_F(DisksTest, BackingImageOnALocalDirectoryIsRefused)
{
    domain.disks[0].backing = "/local/base.qcow2";
    source.add_file("/local/base.qcow2");
    target.add_file("/local/base.qcow2");
    EXPECT_EQ(severity("VMF-S008"), Severity::error);
    EXPECT_FALSE(is_proved()) << "an overlay is only as shared as its base";
}

TEST_F(DisksTest, BackingImageOnSharedStorageIsProvedAndTheRestIsSaid)
{
    domain.disks[0].backing = "/srv/vm/base.qcow2";
    EXPECT_EQ(severity("VMF-S008"), Severity::error) << "it is not there";
    source.add_file("/srv/vm/base.qcow2");
    proofs.emplace();
    EXPECT_EQ(severity("VMF-S008"), Severity::warn);
    EXPECT_TRUE(is_proved());
}

TEST_F(DisksTest, BackingImageThatCannotBeLookedAtIsRefused)
{
    domain.disks[0].backing = "json:{...}";
    EXPECT_EQ(severity("VMF-S008"), Severity::error);
    domain.disks[0].backing = "/dev/vg/base";
    EXPECT_EQ(severity("VMF-S008"), Severity::error);
    domain.disks[0].backing = "nbd://localhost/base";
    EXPECT_EQ(severity("VMF-S008"), Severity::error);
    domain.disks[0].backing = "/srv/vm/base.qcow2";
    target.fail_call("file_exists", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-S008"), Severity::error);
}

TEST_F(DisksTest, CacheThatGoesPastThePageCacheIsSafe)
{
    for (const char* cache : {"none", "directsync"}) {
        domain.disks[0].cache = cache;
        EXPECT_EQ(severity("VMF-S014"), Severity::ok) << cache;
    }
}

TEST_F(DisksTest, OtherCacheOnAFileNeedsAcceptance)
{
    for (const char* cache : {"", "default", "writeback", "writethrough"}) {
        domain.disks[0].cache = cache;
        EXPECT_EQ(severity("VMF-S014"), Severity::error) << cache;
        EXPECT_TRUE(finding("VMF-S014").facts["drop_cache"]) << cache;
    }
    EXPECT_FALSE(model::blocks(all({"VMF-S014"})));
    source.host_facts.hypervisor_version = 3'001'000;
    EXPECT_FALSE(finding("VMF-S014").facts["drop_cache"]);
}

TEST_F(DisksTest, CacheOfANetworkDiskIsSafeAsLibvirtSays)
{
    only_disk(DiskKind::network, "iscsi://san/iqn.x/1").cache = "writeback";
    EXPECT_EQ(severity("VMF-S014"), Severity::ok);
}

TEST_F(DisksTest, CacheUnsafeIsRefusedForEveryKindAndNotByAcceptingS014)
{
    domain.disks[0].cache = "unsafe";
    EXPECT_EQ(severity("VMF-S015"), Severity::error);
    only_disk(DiskKind::network, "iscsi://san/iqn.x/1").cache = "unsafe";
    EXPECT_EQ(severity("VMF-S015"), Severity::error);
    EXPECT_TRUE(model::blocks(all({"VMF-S014"})));
}

TEST_F(DisksTest, CacheOfAReadOnlyDiskDoesNotMatter)
{
    domain.disks[0].cache = "writeback";
    domain.disks[0].read_only = true;
    EXPECT_EQ(severity("VMF-S014"), Severity::ok);
}

TEST_F(DisksTest, ShareableDiskHasNoCacheUnlessOneIsGiven)
{
    domain.disks[0].shareable = true;
    domain.disks[0].cache = "";
    EXPECT_EQ(severity("VMF-S014"), Severity::ok);
    domain.disks[0].cache = "writeback";
    EXPECT_EQ(severity("VMF-S014"), Severity::error);
}

TEST_F(DisksTest, TransientDiskIsRefused)
{
    domain.disks[0].transient = true;
    EXPECT_EQ(severity("VMF-S017"), Severity::error);
}

TEST_F(DisksTest, ShareableEncryptedAndPassedThroughDisksAreWarnings)
{
    domain.disks[0].shareable = true;
    domain.disks[0].encrypted = true;
    domain.disks[0].device = "lun";
    EXPECT_EQ(severity("VMF-S016"), Severity::warn);
    EXPECT_EQ(severity("VMF-S018"), Severity::warn);
    EXPECT_EQ(severity("VMF-S020"), Severity::warn);
}

TEST_F(DisksTest, LocksAreSaidToBeUnchecked)
{
    EXPECT_EQ(severity("VMF-S021"), Severity::info);
    EXPECT_THAT(finding("VMF-S021").message, HasSubstr("not checked"));
}

class MediaTest : public DisksTest {
protected:
    MediaTest()
    {
        add_disk("sda", DiskKind::file, "/srv/vm/install.iso");
        domain.disks.back().device = "cdrom";
        domain.disks.back().read_only = true;
        source.add_file("/srv/vm/install.iso");
    }
    model::Disk& drive() { return domain.disks.back(); }
};

TEST_F(MediaTest, EmptyDriveIsFine)
{
    drive().source = "";
    EXPECT_EQ(severity("VMF-S019"), Severity::ok);
    EXPECT_THAT(errors(), ElementsAre());
}

TEST_F(MediaTest, MediumOnSharedStorageIsFine) { EXPECT_EQ(severity("VMF-S019"), Severity::ok); }

TEST_F(MediaTest, MissingMediumIsRefusedWithTheCommandThatEjectsIt)
{
    drive().source = "/local/install.iso";
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
    EXPECT_EQ(finding("VMF-S019").remedy, "virsh change-media web1 sda --eject --live");
}

TEST_F(MediaTest, MissingMediumThatMayBeMissingIsAWarning)
{
    drive().source = "/local/install.iso";
    for (const char* policy : {"optional", "requisite"}) {
        drive().startup_policy = policy;
        EXPECT_EQ(severity("VMF-S019"), Severity::warn) << policy;
    }
    drive().startup_policy = "mandatory";
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
}

TEST_F(MediaTest, MediumOfTheSameNameElsewhereIsAWarning)
{
    drive().source = "/local/install.iso";
    target.add_file("/local/install.iso");
    EXPECT_EQ(severity("VMF-S019"), Severity::warn);
}

TEST_F(MediaTest, MediumThatCannotBeLookedForIsRefused)
{
    target.fail_call("file_exists", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
}

TEST_F(MediaTest, DriveOfTheHostAndUnknownMediaAreRefused)
{
    drive().kind = DiskKind::block;
    drive().source = "/dev/sr0";
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
    drive().kind = DiskKind::volume;
    drive().source = "pool/install.iso";
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
    drive().kind = DiskKind::network;
    drive().source = "https://localhost/install.iso";
    EXPECT_EQ(severity("VMF-S019"), Severity::error);
    drive().source = "https://mirror/install.iso";
    EXPECT_EQ(severity("VMF-S019"), Severity::ok);
}

TEST_F(MediaTest, FloppyThatTheGuestWritesIsADisk)
{
    drive().device = "floppy";
    drive().source = "/local/floppy.img";
    EXPECT_EQ(severity("VMF-S019"), Severity::error) << "read-only: a medium";
    drive().read_only = false;
    source.add_file("/local/floppy.img");
    target.add_file("/local/floppy.img");
    EXPECT_THAT(errors(), Contains("VMF-S001"));
}

}  // namespace
}  // namespace vmferry::checks
