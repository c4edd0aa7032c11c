// Goal: definition and records name the new paths wherever they named the old ones, and are else as they were.

#include "core/libvirt/rename_xml.hpp"

#include <gtest/gtest.h>

#include "core/libvirt/canonical_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {
namespace {

const std::string k_domain =
    "<domain type='kvm'><name>web1</name><os><type>hvm</type><nvram template='/t.fd'>/n/web1.fd</nvram></os>"
    "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a/web1.qcow2' "
    "startupPolicy='optional'/><backingStore/><target dev='vda'/></disk><disk type='file' device='disk'><source "
    "file='/a/web1.qcow2.old'/><target dev='vdb'/></disk><serial type='file'><source path='/a/web1.qcow2'/></serial>"
    "</devices></domain>";
const std::vector<world::FileRename> k_renames = {{"/a/web1.qcow2", "/b/x & y.qcow2"}, {"/n/web1.fd", "/m/web1.fd"}};

xml::Document parsed(const std::string& text) { return std::move(*xml::Document::parse(text)); }

TEST(RenameXml, DisksAndNvramNameTheNewPaths)
{
    const auto renamed = with_renames(k_domain, k_renames);
    ASSERT_TRUE(renamed);
    const xml::Document document = parsed(*renamed);
    EXPECT_EQ(document.text("/domain/devices/disk[target/@dev='vda']/source/@file"), "/b/x & y.qcow2");
    EXPECT_EQ(document.text("/domain/os/nvram"), "/m/web1.fd");
    EXPECT_EQ(document.text("/domain/os/nvram/@template"), "/t.fd");
}

TEST(RenameXml, AnotherFileAndAnotherDeviceKeepTheirs)
{
    const xml::Document document = parsed(*with_renames(k_domain, k_renames));
    EXPECT_EQ(document.text("/domain/devices/disk[target/@dev='vdb']/source/@file"), "/a/web1.qcow2.old");
    EXPECT_EQ(document.text("/domain/devices/serial/source/@path"), "/a/web1.qcow2");
}

TEST(RenameXml, ThereAndBackIsTheSameDefinition)
{
    std::vector<world::FileRename> back;
    for (const world::FileRename& one : k_renames) {
        back.push_back({one.to, one.from});
    }
    const auto there = with_renames(k_domain, k_renames);
    const auto again = with_renames(*there, back);
    ASSERT_TRUE(again);
    EXPECT_EQ(canonical_xml(*again, Definition::inactive).value(),
              canonical_xml(k_domain, Definition::inactive).value());
}

TEST(RenameXml, WhatNamesNoneOfThemIsTheVeryText)
{
    EXPECT_EQ(with_renames(k_domain, {}).value(), k_domain);
    EXPECT_EQ(with_renames(k_domain, {{"/z", "/y"}}).value(), k_domain);
}

TEST(RenameXml, ARecordOfASnapshotHasADefinitionInside)
{
    const std::string record = "<domainsnapshot><name>one</name>" + k_domain + "</domainsnapshot>";
    const xml::Document document = parsed(*with_renames(record, k_renames));
    EXPECT_EQ(document.text("/domainsnapshot/domain/devices/disk[target/@dev='vda']/source/@file"), "/b/x & y.qcow2");
}

TEST(RenameXml, WhatIsNoXmlIsAnError) { EXPECT_FALSE(with_renames("<domain", k_renames)); }

}  // namespace
}  // namespace vmferry::libvirt
