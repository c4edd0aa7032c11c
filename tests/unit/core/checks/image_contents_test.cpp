// Goal: what is on the disks is told and keeps nothing from being moved, and what was not looked into is said.

#include <algorithm>

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::FileSystem;
using model::ImageContents;
using model::Severity;
using ::testing::HasSubstr;

/// Sees the hosts' shared store as its own files.
class FakeInspector final : public world::ImageInspector {
public:
    Result<model::Inspection> inspect(const std::vector<model::InspectedImage>& images) override
    {
        asked = images;
        if (error) {
            return fail(*error);
        }
        return answer;
    }
    std::optional<std::string> beginning_of(const std::string& path) override
    {
        const std::string below = path.substr(std::string("/srv/vm").size());
        const std::lock_guard lock(store->mutex);
        for (const auto& [file, content] : store->files) {
            if (below.ends_with(file) || file.ends_with(below)) {
                return content;
            }
        }
        return std::nullopt;
    }
    bool is_block_device(const std::string& path) override { return path.starts_with("/dev/"); }
    std::string host_name() override { return name; }

    std::shared_ptr<test::FakeStore> store = std::make_shared<test::FakeStore>();
    std::string name = "admin-pc";
    model::Inspection answer;
    std::optional<Error> error;
    std::vector<model::InspectedImage> asked;
};

class ImageContentsTest : public CheckTest {
protected:
    ImageContentsTest()
    {
        images = &inspector;
        inspector.store = shared_store;
        domain.now.state = model::RunState::shut_off;
        domain.disks[0].format = "qcow2";
    }

    /// All findings of the check.
    std::vector<model::Finding> look()
    {
        std::vector<model::Finding> found;
        for (const char* id : {"VMF-S050", "VMF-S051", "VMF-S052", "VMF-S053"}) {
            const auto some = findings(id);
            found.insert(found.end(), some.begin(), some.end());
        }
        return found;
    }
    std::string message(const std::string& id) { return finding(id).message; }
    /// What the inspector says of vda: 10 GiB.
    ImageContents& image()
    {
        if (inspector.answer.images.empty()) {
            ImageContents& made = inspector.answer.images.emplace_back();
            made.disk = "vda";
            made.state = ImageContents::State::inspected;
            made.capacity_bytes = 10ULL << 30;
        }
        return inspector.answer.images[0];
    }
    FileSystem& add_file_system()
    {
        FileSystem& made = inspector.answer.file_systems.emplace_back();
        made.device = "vda1";
        made.type = "ext4";
        made.size_bytes = 9ULL << 30;
        return made;
    }

    FakeInspector inspector;
};

TEST_F(ImageContentsTest, NobodyLooksUnlessAsked)
{
    images = nullptr;
    EXPECT_EQ(finding("VMF-S050").facts["applies"], false);
    EXPECT_TRUE(findings("VMF-S052").empty());
}

TEST_F(ImageContentsTest, DisksInUseAreLeftAlone)
{
    for (const auto state : {model::RunState::running, model::RunState::paused, model::RunState::unknown}) {
        domain.now.state = state;
        EXPECT_EQ(severity("VMF-S050"), Severity::info);
        EXPECT_THAT(message("VMF-S050"), HasSubstr("in use"));
    }
    EXPECT_TRUE(inspector.asked.empty());
    EXPECT_TRUE(ledger.lines.empty()) << "nothing is written for it";
}

TEST_F(ImageContentsTest, ASavedMemoryHasItsFileSystemsMounted)
{
    domain.managed_save = true;
    EXPECT_THAT(message("VMF-S050"), HasSubstr("saved memory"));
    EXPECT_TRUE(inspector.asked.empty());
}

TEST_F(ImageContentsTest, ImagesAreOpenedAsTheDefinitionSaysTheyAre)
{
    static_cast<void>(look());
    ASSERT_EQ(inspector.asked.size(), 1U);
    EXPECT_EQ(inspector.asked[0].disk, "vda");
    EXPECT_EQ(inspector.asked[0].path, "/srv/vm/web1.qcow2");
    EXPECT_EQ(inspector.asked[0].format, "qcow2");
    EXPECT_TRUE(is_clean(source, "/srv/vm"));
    EXPECT_TRUE(ledger.open.empty());
}

TEST_F(ImageContentsTest, AFileOfThatNameHereIsNotTheImage)
{
    inspector.store = std::make_shared<test::FakeStore>();
    inspector.store->files["web1.qcow2"] = "another VM's";
    const auto found = finding("VMF-S050");
    EXPECT_EQ(found.severity, Severity::info);
    EXPECT_THAT(found.message, HasSubstr("cannot be read here"));
    EXPECT_THAT(found.remedy, HasSubstr("on " + source.host_facts.hostname));
    EXPECT_TRUE(inspector.asked.empty());
    EXPECT_TRUE(is_clean(source, "/srv/vm"));
}

TEST_F(ImageContentsTest, ABlockDeviceIsLookedIntoOnTheSourceOnly)
{
    domain.disks[0].kind = model::DiskKind::block;
    domain.disks[0].source = "/dev/vg0/web1";
    domain.disks[0].format = "raw";
    EXPECT_THAT(message("VMF-S050"), HasSubstr("block device"));
    EXPECT_TRUE(inspector.asked.empty());
    inspector.name = source.host_facts.hostname;
    static_cast<void>(look());
    EXPECT_EQ(inspector.asked.size(), 1U);
    inspector.asked.clear();
    inspector.name.clear();
    source.host_facts.hostname.clear();
    static_cast<void>(look());
    EXPECT_TRUE(inspector.asked.empty()) << "two machines without a name are not one";
}

TEST_F(ImageContentsTest, WhatCannotBeLookedIntoIsSaidAndTheRestIsLookedInto)
{
    add_disk("vdb", model::DiskKind::network, "rbd://ceph:6789/pool/web1").format = "raw";
    add_disk("vdc", model::DiskKind::file, "/srv/vm/c.vmdk").format = "vmdk";
    add_disk("vdd", model::DiskKind::file, "/srv/vm/d.qcow2").encrypted = true;
    model::Disk& cdrom = add_disk("sda", model::DiskKind::file, "/srv/vm/install.iso");
    cdrom.device = "cdrom";
    EXPECT_EQ(findings("VMF-S050").size(), 3U);
    ASSERT_EQ(inspector.asked.size(), 1U);
    EXPECT_EQ(inspector.asked[0].disk, "vda");
}

TEST_F(ImageContentsTest, DamageIsAWarningAndNoRefusal)
{
    image().state = ImageContents::State::damaged;
    image().reason = "cut off";
    FileSystem& system = add_file_system();
    system.health = FileSystem::Health::damaged;
    system.detail = "bad magic";
    EXPECT_EQ(severity("VMF-S051"), Severity::warn);
    EXPECT_THAT(message("VMF-S051"), HasSubstr("cut off"));
    EXPECT_EQ(finding("VMF-S051").remedy, "qemu-img check -f qcow2 /srv/vm/web1.qcow2");
    EXPECT_EQ(severity("VMF-S052"), Severity::warn);
    EXPECT_THAT(message("VMF-S052"), HasSubstr("bad magic"));
}

TEST_F(ImageContentsTest, WhatIsThereIsTold)
{
    image().table = "gpt";
    image().partitions = {{1, 1 << 20, 9ULL << 30, "linux"}};
    FileSystem& system = add_file_system();
    system.label = "root";
    system.free_bytes = 5ULL << 30;
    system.health = FileSystem::Health::whole;
    inspector.answer.systems = {{"vda1", "linux", "debian", "Debian GNU/Linux 12", "12.5", "x86_64", "web1"}};
    EXPECT_EQ(message("VMF-S051"), "10.0 GiB, gpt, 1 partition");
    EXPECT_EQ(message("VMF-S052"), "ext4 'root', 9.0 GiB (5.0 GiB free): whole");
    EXPECT_EQ(message("VMF-S053"), "Debian GNU/Linux 12, x86_64, calls itself web1");
    for (const auto& one : look()) {
        EXPECT_EQ(one.severity, Severity::ok) << one.message;
    }
}

TEST_F(ImageContentsTest, ABlankDiskAndNoSystemAreNoWarning)
{
    image().capacity_bytes = 1ULL << 30;
    image().blank = true;
    EXPECT_EQ(message("VMF-S051"), "1.0 GiB, blank");
    EXPECT_EQ(severity("VMF-S053"), Severity::info);
}

TEST_F(ImageContentsTest, AnInspectorThatFailsIsAWarningWithWhatToDo)
{
    inspector.error = Error(ErrorKind::not_found, "the plugin guestfs is not installed").with_next("install it");
    EXPECT_EQ(severity("VMF-S050"), Severity::warn);
    EXPECT_THAT(message("VMF-S050"), HasSubstr("not installed"));
    EXPECT_EQ(finding("VMF-S050").remedy, "install it");
}

TEST_F(ImageContentsTest, ALookThatEndedEarlyIsAWarning)
{
    inspector.answer.incomplete = "the appliance ended while checking vda1";
    EXPECT_EQ(severity("VMF-S050"), Severity::warn);
    EXPECT_TRUE(findings("VMF-S053").empty()) << "that no system was found would be no wonder";
}

}  // namespace
}  // namespace vmferry::checks
