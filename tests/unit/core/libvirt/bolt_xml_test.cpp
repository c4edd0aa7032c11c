// Goal: a bolted definition is the same as before but for its bolt, which goes without a trace.

#include "core/libvirt/bolt_xml.hpp"

#include <gtest/gtest.h>

#include "core/libvirt/canonical_xml.hpp"

namespace vmferry::libvirt {
namespace {

const std::string k_plain = "<domain type='kvm'><name>web1</name><os><type>hvm</type></os></domain>";
const std::string k_with_own = "<domain type='kvm'><name>web1</name><sysinfo type='fwcfg'><entry "
                               "name='opt/com.example/seed' file='/srv/seed'/></sysinfo></domain>";

xml::Document parsed(const std::string& text) { return std::move(*xml::Document::parse(text)); }

TEST(BoltXml, TheBoltNamesAFileThatDoesNotExist)
{
    const auto bolted = with_bolt(k_plain);
    ASSERT_TRUE(bolted);
    const xml::Document document = parsed(*bolted);
    EXPECT_TRUE(has_bolt(document));
    EXPECT_EQ(document.text("/domain/sysinfo[@type='fwcfg']/entry/@file"), k_bolt_file);
    EXPECT_FALSE(has_bolt(parsed(k_plain)));
}

TEST(BoltXml, ASecondBoltIsNotAdded)
{
    const auto twice = with_bolt(*with_bolt(k_plain));
    ASSERT_TRUE(twice);
    EXPECT_EQ(parsed(*twice).find("/domain/sysinfo").size(), 1U);
}

TEST(BoltXml, EntriesOfTheVmStay)
{
    const auto bolted = with_bolt(k_with_own);
    ASSERT_TRUE(bolted);
    const xml::Document document = parsed(*bolted);
    EXPECT_EQ(document.find("/domain/sysinfo").size(), 2U);
    remove_bolt(document);
    EXPECT_FALSE(has_bolt(document));
    EXPECT_EQ(document.text("/domain/sysinfo/entry/@name"), "opt/com.example/seed");
}

TEST(BoltXml, ComparisonsDoNotSeeIt)
{
    for (const std::string& text : {k_plain, k_with_own}) {
        EXPECT_EQ(*canonical_xml(*with_bolt(text), Definition::inactive), *canonical_xml(text, Definition::inactive));
    }
}

TEST(BoltXml, OnlyDomainsAreBolted) { EXPECT_FALSE(with_bolt("<network/>")); }

}  // namespace
}  // namespace vmferry::libvirt
