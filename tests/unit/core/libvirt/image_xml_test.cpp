#include "core/libvirt/image_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string domain(const std::string& disks)
{
    return "<domain type='kvm'><name>web1</name><devices>" + disks + "</devices></domain>";
}

std::string disk(const std::string& target, const std::string& path, const std::string& more = "")
{
    return "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='" + path +
           "' index='1'/>" + more + "<target dev='" + target + "' bus='virtio'/></disk>";
}

// As libvirt 9.0 writes it while virDomainBlockCopy runs.
const std::string k_mirror = "<mirror type='file' file='/new/a' format='raw' job='copy'><format type='raw'/>"
                             "<source file='/new/a' index='3'/></mirror>";
const std::string k_ready = "<mirror type='file' job='copy' ready='yes'><format type='raw'/>"
                            "<source file='/new/a' index='3'/></mirror>";

TEST(ImageXml, TellsLiveAndDefinedImagesApart)
{
    const auto states = read_disk_states(domain(disk("vda", "/new/a") + disk("vdb", "/old/b")),
                                         domain(disk("vda", "/old/a") + disk("vdc", "/old/c")));
    ASSERT_TRUE(states) << states.error().text();
    ASSERT_EQ(states->size(), 3U);
    EXPECT_EQ((*states)[0].live, "/new/a");
    EXPECT_EQ((*states)[0].inactive, "/old/a");
    EXPECT_EQ((*states)[0].live_format, "qcow2");
    EXPECT_EQ((*states)[1].inactive, "");
    EXPECT_EQ((*states)[2].target, "vdc");
    EXPECT_EQ((*states)[2].live, "");
}

TEST(ImageXml, ACopyIsReadyOnlyWhenLibvirtSaysYes)
{
    const auto copying = read_disk_states(domain(disk("vda", "/old/a", k_mirror)), "");
    ASSERT_TRUE(copying);
    EXPECT_EQ((*copying)[0].copy, "/new/a");
    EXPECT_FALSE((*copying)[0].copy_ready);
    const auto ready = read_disk_states(domain(disk("vda", "/old/a", k_ready)), "");
    ASSERT_TRUE(ready);
    EXPECT_TRUE((*ready)[0].copy_ready);
    for (const char* word : {"pivot", "abort"}) {
        std::string text = k_ready;
        text.replace(text.find("'yes'"), 5, std::string("'") + word + "'");
        const auto other = read_disk_states(domain(disk("vda", "/old/a", text)), "");
        ASSERT_TRUE(other);
        EXPECT_FALSE((*other)[0].copy_ready) << word;
        EXPECT_TRUE((*other)[0].copy_ending) << word;
    }
}

TEST(ImageXml, AnotherJobIsNoCopy)
{
    const auto states = read_disk_states(
        domain(disk("vda", "/old/a", "<mirror type='file' job='active-commit'><source file='/base'/></mirror>")), "");
    ASSERT_TRUE(states);
    EXPECT_EQ((*states)[0].copy, "");
}

TEST(ImageXml, AllPathsOfADefinitionAreFound)
{
    const std::string backing = "<backingStore type='file'><format type='qcow2'/><source file='/base'/>"
                                "<backingStore/></backingStore>";
    const auto paths = image_paths_of(domain(disk("vda", "/old/a", k_mirror + backing)));
    ASSERT_TRUE(paths);
    EXPECT_THAT(*paths, ElementsAre("/old/a", "/new/a", "/base"));
    EXPECT_FALSE(image_paths_of("<network/>"));
}

TEST(ImageXml, OneDiskGetsAnotherImageAndNothingElseChanges)
{
    const std::string before =
        domain(disk("vda", "/old/a", "<backingStore type='file'><source file='/base'/></backingStore>") +
               disk("vdb", "/old/b") + "<graphics type='vnc' passwd='secret'/>");
    const auto after = with_image(before, "vda", "/new/<a>", "raw");
    ASSERT_TRUE(after && *after);
    const auto states = read_disk_states("", **after);
    ASSERT_TRUE(states);
    EXPECT_EQ((*states)[0].inactive, "/new/<a>");
    EXPECT_EQ((*states)[0].inactive_format, "raw");
    EXPECT_EQ((*states)[1].inactive, "/old/b");
    EXPECT_THAT(**after, Not(HasSubstr("/base")));
    EXPECT_THAT(**after, HasSubstr("passwd=\"secret\""));
    EXPECT_THAT(**after, HasSubstr("cache=\"none\""));
}

TEST(ImageXml, ADefinitionThatSaysItAlreadyLosesOnlyAnEmptyChain)
{
    const auto same = with_image(domain(disk("vda", "/a")), "vda", "/a", "qcow2");
    ASSERT_TRUE(same);
    EXPECT_FALSE(*same);
    const auto ended = with_image(domain(disk("vda", "/a", "<backingStore/>")), "vda", "/a", "qcow2");
    ASSERT_TRUE(ended && *ended);
    EXPECT_THAT(**ended, Not(HasSubstr("backingStore")));
    const std::string chain = "<backingStore type='file'><format type='raw'/><source file='/base'/></backingStore>";
    const auto kept = with_image(domain(disk("vda", "/a", chain)), "vda", "/a", "qcow2");
    ASSERT_TRUE(kept);
    EXPECT_FALSE(*kept);
}

TEST(ImageXml, ADiskThatIsNotThereOrNoFileIsRefused)
{
    EXPECT_EQ(with_image(domain(disk("vda", "/a")), "vdb", "/b", "raw").error().kind(), ErrorKind::not_found);
    const std::string block = "<disk type='block'><driver type='raw'/><source dev='/dev/x'/><target dev='vda'/></disk>";
    EXPECT_FALSE(with_image(domain(block), "vda", "/b", "raw"));
    EXPECT_FALSE(with_image("<x", "vda", "/b", "raw"));
}

TEST(ImageXml, WhatIsSentIsEscaped)
{
    EXPECT_THAT(copy_xml("/a'b", "raw"), HasSubstr("file='/a&apos;b'"));
    world::ImageOrder order;
    order.path = "/pool/a<b.raw";
    order.format = "raw";
    order.capacity_bytes = 12345;
    EXPECT_THAT(image_xml(order), HasSubstr("<name>a&lt;b.raw</name><capacity unit='bytes'>12345</capacity>"
                                            "<allocation unit='bytes'>0</allocation>"));
    EXPECT_THAT(image_xml(order), HasSubstr("<mode>0600</mode>"));
    EXPECT_THAT(image_xml(order), Not(HasSubstr("backingStore")));
}

TEST(ImageXml, AnOverlayNamesItsBackingImageAndTheFormatOfThat)
{
    world::ImageOrder order;
    order.path = "/new/a.qcow2";
    order.format = "qcow2";
    order.backing = "/base/a&b.raw";
    order.backing_format = "raw";
    EXPECT_THAT(image_xml(order),
                HasSubstr("<backingStore><path>/base/a&amp;b.raw</path><format type='raw'/></backingStore>"));
}

}  // namespace
}  // namespace vmferry::libvirt
