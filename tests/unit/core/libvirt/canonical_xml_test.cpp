#include "core/libvirt/canonical_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

std::string live(const std::string& inside)
{
    const auto text = canonical_xml("<domain>" + inside + "</domain>", Definition::live);
    return text ? *text : "error: " + text.error().text();
}

std::string inactive(const std::string& inside)
{
    return *canonical_xml("<domain>" + inside + "</domain>", Definition::inactive);
}

std::string configuration(const std::string& inside) { return *configuration_of("<domain>" + inside + "</domain>"); }

TEST(CanonicalXml, LayoutAndOrderOfAttributesDoNotCount)
{
    EXPECT_EQ(live("<a x='1' y='2'/><!-- c -->"), live("\n  <a   y=\"2\" x=\"1\"></a>\n"));
    EXPECT_EQ(live("<description>two  words</description>"), "<domain><description>two  words</description></domain>");
}

TEST(CanonicalXml, TextCounts)
{
    EXPECT_NE(live("<title>a</title>"), live("<title>b</title>"));
    EXPECT_NE(live("<title>a b</title>"), live("<title>a  b</title>"));
}

TEST(CanonicalXml, EmptyMetadataIsNone)
{
    EXPECT_EQ(live("<metadata/>"), live(""));
    EXPECT_EQ(live("<metadata>\n  </metadata>"), live(""));
    EXPECT_NE(live("<metadata><a xmlns='urn:a'/></metadata>"), live(""));
}

TEST(CanonicalXml, OurMarkerIsNone)
{
    const std::string marker = "<v:marker xmlns:v='urn:vmferry:marker:1' epoch='1'/>";
    const std::string other = "<a xmlns='urn:a'/>";
    EXPECT_EQ(live("<metadata>" + marker + "</metadata>"), live(""));
    EXPECT_EQ(live("<metadata>\n" + other + "\n" + marker + "</metadata>"), live("<metadata>" + other + "</metadata>"));
}

TEST(CanonicalXml, WhatTheGuestChangesIsMaskedInALiveDefinition)
{
    EXPECT_EQ(live("<currentMemory>1</currentMemory>"), live("<currentMemory>2</currentMemory>"));
    EXPECT_EQ(live("<devices><channel><target state='connected'/></channel></devices>"),
              live("<devices><channel><target state='disconnected'/></channel></devices>"));
    EXPECT_NE(inactive("<currentMemory>1</currentMemory>"), inactive("<currentMemory>2</currentMemory>"));
}

TEST(CanonicalXml, NamesThatLibvirtGivesByItselfDoNotCount)
{
    const auto usb = [](const std::string& inside) {
        return live("<devices><controller type='usb'>" + inside + "</controller></devices>");
    };
    EXPECT_EQ(usb("<alias name='usb'/>"), usb(""));
    EXPECT_EQ(usb("\n  <alias name='usb'/>\n"), usb(""));
    EXPECT_NE(usb("<alias name='ua-mine'/>"), usb(""));
}

TEST(CanonicalXml, OtherThingsAreRefused)
{
    EXPECT_FALSE(canonical_xml("<pool/>", Definition::live));
    EXPECT_FALSE(canonical_xml("", Definition::inactive));
}

TEST(Configuration, RunTimeDetailsDoNotCount)
{
    EXPECT_EQ(configuration("<devices><disk><source file='/a' index='1'/><backingStore/><target dev='vda'/>"
                            "<alias name='d'/></disk><interface><target dev='vnet0'/></interface></devices>"
                            "<seclabel type='dynamic'><label>x</label></seclabel>"),
              configuration("<devices><interface/><disk><source file='/a'/><target dev='vda'/></disk></devices>"));
}

TEST(Configuration, AnotherDiskOrMoreMemoryCounts)
{
    EXPECT_NE(configuration("<memory>1</memory>"), configuration("<memory>2</memory>"));
    EXPECT_NE(configuration("<devices><disk><source file='/a'/></disk></devices>"),
              configuration("<devices><disk><source file='/b'/></disk></devices>"));
}

}  // namespace
}  // namespace vmferry::libvirt
