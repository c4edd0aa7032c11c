#include "journal/file_system.hpp"

#include <sys/mount.h>
#include <sys/wait.h>

#include <iostream>

#include "fixture.hpp"
#include "process.hpp"

namespace vmferry::journal {

TEST(FileSystem, NetworkFileSystemsAreRefusedByName)
{
    for (const uint64_t magic : {0x6969UL, 0xff534d42UL, 0xfe534d42UL, 0x65735546UL, 0x01021997UL, 0x00c36400UL}) {
        const FileSystem system = classify(magic);
        EXPECT_EQ(system.keeping, Keeping::remote) << system.name;
        const auto admitted = admit_file_system(system, "/mnt/journal.db");
        ASSERT_FALSE(admitted.has_value());
        EXPECT_EQ(admitted.error().kind(), ErrorKind::journal);
        EXPECT_NE(admitted.error().what().find(system.name), std::string::npos);
    }
}

TEST(FileSystem, AMagicNumberWithItsHighBitIsKnownInEitherWidth)
{
    // f_type is signed, so CIFS arrives sign-extended on some machines.
    EXPECT_EQ(classify(0xffffffffff534d42).keeping, Keeping::remote);
}

TEST(FileSystem, TheVariableForMemoryDoesNotAdmitANetwork)
{
    ::setenv("VMFERRY_JOURNAL_VOLATILE", "1", 1);
    EXPECT_TRUE(admit_file_system(classify(0x01021994), "/run/j").has_value());
    EXPECT_FALSE(admit_file_system(classify(0x6969), "/mnt/j").has_value());
}

TEST(FileSystem, ALocalDiskIsAdmitted)
{
    for (const uint64_t magic : {0xef53UL, 0x58465342UL, 0x9123683eUL, 0x2fc12fc1UL}) {
        EXPECT_TRUE(admit_file_system(classify(magic), "/var/lib/vmferry/journal.db").has_value());
    }
}

TEST(FileSystem, AnOverlayKeepsWhatItsUpperDirectoryKeeps)
{
    EXPECT_EQ(classify_overlay("rw,lowerdir=/a,upperdir=/dev/shm,workdir=/w").keeping, Keeping::volatile_);
    EXPECT_EQ(classify_overlay("rw,lowerdir=/a,upperdir=/,workdir=/w,volatile").keeping, Keeping::volatile_);
    EXPECT_EQ(classify_overlay("rw,lowerdir=/a,upperdir=/no/such,workdir=/w").keeping, Keeping::durable);
}

TEST(FileSystem, AFullDiskIsRefusedAndTheJournalOnItStaysReadable)
{
    // A real ext4 of 4 MiB on a loop device, filled to the last block.
    const TempDir directory(On::disk);
    if (::geteuid() != 0 || std::system("command -v mkfs.ext4 >/dev/null") != 0) {
        GTEST_SKIP() << "needs root and mkfs.ext4";
    }
    const std::string image = directory / "image";
    const std::string mount = directory / "mount";
    std::filesystem::create_directory(mount);
    ASSERT_EQ(std::system(("truncate -s 4M " + image + " && mkfs.ext4 -q -m 0 " + image).c_str()), 0);
    if (std::system(("mount -o loop " + image + " " + mount + " 2>/dev/null").c_str()) != 0) {
        GTEST_SKIP() << "no loop device";
    }
    const std::string path = mount + "/journal.db";
    const auto heads = write_sample(path);
    const auto store = open_or_die(path);
    static_cast<void>(std::system(("dd if=/dev/zero of=" + mount + "/fill bs=1k 2>/dev/null").c_str()));

    const auto refused = open_sqlite(path, Access::read_write);
    EXPECT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().text().find("full"), std::string::npos) << refused.error().text();
    const auto append = store->append(heads[0].id, {Kind::note, std::string(20000, 'n'), {}});
    EXPECT_FALSE(append.has_value());
    EXPECT_EQ(append.error().kind(), ErrorKind::journal);
    EXPECT_NE(append.error().next().find("make room"), std::string::npos) << append.error().text();
    EXPECT_EQ(open_or_die(path, Access::read_only)->entries(heads[0].id)->size(), 8U);

    std::filesystem::remove(mount + "/fill");
    EXPECT_OK(store->append(heads[0].id, {Kind::note, "room again", {}}));
    EXPECT_TRUE(open_or_die(path)->verify_chain()->problems.empty());
    EXPECT_EQ(std::system(("umount -l " + mount).c_str()), 0);
}

}  // namespace vmferry::journal
