// Goal: a document from a host or a user can be hostile. Method: the known attacks on XML readers.

#include "core/libvirt/xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace vmferry::libvirt::xml {
namespace {

TEST(Xml, ExternalEntityIsNotRead)
{
    const auto document =
        Document::parse("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>");
    EXPECT_FALSE(document);
}

TEST(Xml, ManyLaughsAreRefusedAtOnce)
{
    std::string text = "<!DOCTYPE d [<!ENTITY a0 'ha'>";
    for (int i = 1; i < 30; ++i) {
        const std::string before = "&a" + std::to_string(i - 1) + ";";
        text += "<!ENTITY a" + std::to_string(i) + " '" + before + before + before + "'>";
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(Document::parse(text + "]><domain><name>&a29;</name></domain>"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(Xml, HarmlessDoctypeIsRefusedToo) { EXPECT_FALSE(Document::parse("<!DOCTYPE domain><domain/>")); }

TEST(Xml, DepthIsBounded)
{
    std::string text;
    for (int i = 0; i < 100000; ++i) {
        text += "<a>";
    }
    EXPECT_FALSE(Document::parse(text));
}

TEST(Xml, SizeIsBounded) { EXPECT_FALSE(Document::parse("<a>" + std::string(17 << 20, ' ') + "</a>")); }

TEST(Xml, EmptyTextIsAnError)
{
    EXPECT_FALSE(Document::parse(""));
    EXPECT_FALSE(Document::parse("   "));
    EXPECT_FALSE(Document::parse("<?xml version='1.0'?>"));
}

TEST(Xml, NullElementHasEmptyAnswers)
{
    const Element none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.name(), "");
    EXPECT_EQ(none.attribute("x"), "");
    EXPECT_EQ(none.text(), "");
    EXPECT_EQ(none.dump(), "");
    EXPECT_FALSE(none.child("x"));
    EXPECT_THAT(none.children(), testing::IsEmpty());
}

TEST(Xml, EscapedTextReadsBack)
{
    const std::string nasty = "a<b>&\"c'd";
    const auto document = Document::parse("<a x='" + escaped(nasty) + "'>" + escaped(nasty) + "</a>");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().attribute("x"), nasty);
    EXPECT_EQ(document->root().text(), nasty);
}

}  // namespace
}  // namespace vmferry::libvirt::xml
