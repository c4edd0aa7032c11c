#include "core/libvirt/marker_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/libvirt/canonical_xml.hpp"

namespace vmferry::libvirt {
namespace {

using testing::HasSubstr;
using testing::Not;

model::Marker some_marker()
{
    model::Marker marker{Uuid::make_v7(), 42, model::Side::target, true, "admin<&\"'> machine"};
    marker.resumed = true;
    marker.nvram = true;
    marker.instance = 7;
    marker.cpu_time_ns = 123456789012;
    marker.plan = std::make_shared<const std::string>(R"({"vm_name":"a <b> & 'c'"})");
    return marker;
}

std::optional<model::Marker> marker_of(const std::string& definition)
{
    const auto document = xml::Document::parse(definition);
    return document ? marker_in(*document) : std::nullopt;
}

TEST(MarkerXml, ReadsBackWhatItWrote)
{
    const model::Marker marker = some_marker();
    const auto back = parse_marker(marker_xml(marker));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, marker);
}

TEST(MarkerXml, AMarkerWithoutPlanIsAMarkerAllTheSame)
{
    const auto marker = parse_marker("<marker transaction='" + Uuid::make_v7().str() +
                                     "' epoch='1' role='source' committed='no' controller='a' instance='x'/>");
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->plan, nullptr);
    EXPECT_EQ(marker->instance, -1);
    EXPECT_FALSE(marker->resumed);
}

TEST(MarkerXml, UnreadableMarkerIsNoMarker)
{
    const std::string good = marker_xml(some_marker());
    ASSERT_TRUE(parse_marker(good));
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"<marker", "<other"},
             {"epoch=\"42\"", "epoch=\"42x\""},
             {"epoch=\"42\"", "epoch=\"-1\""},
             {"epoch=\"42\"", "epoch=\"99999999999999999999\""},
             {"role=\"target\"", "role=\"both\""},
             {"committed=\"yes\"", "committed=\"maybe\""},
             {"transaction=\"", "transaction=\"x"},
         }) {
        std::string bad = good;
        bad.replace(bad.find(from), from.size(), to);
        EXPECT_FALSE(parse_marker(bad)) << bad;
    }
}

TEST(MarkerXml, IsPutIntoADefinitionWithoutMetadata)
{
    const model::Marker marker = some_marker();
    const auto marked = with_marker("<domain><name>a</name></domain>", marker);
    ASSERT_TRUE(marked);
    EXPECT_EQ(marker_of(*marked), marker);
}

TEST(MarkerXml, ReplacesTheOneThatIsThereAndKeepsWhatIsNotOurs)
{
    const auto first =
        with_marker("<domain><metadata><x:app xmlns:x='urn:x' v='1'/></metadata></domain>", some_marker());
    ASSERT_TRUE(first);
    model::Marker second_marker = some_marker();
    second_marker.role = model::Side::source;
    const auto second = with_marker(*first, second_marker);
    ASSERT_TRUE(second);
    EXPECT_EQ(marker_of(*second), second_marker);
    EXPECT_THAT(*second, HasSubstr("<x:app"));
    EXPECT_EQ(second->find("marker:1"), second->rfind("marker:1"));
}

TEST(MarkerXml, OnlyOurNamespaceCounts)
{
    EXPECT_EQ(marker_of("<domain><metadata><m:marker xmlns:m='urn:other' transaction='x'/></metadata></domain>"),
              std::nullopt);
}

TEST(MarkerXml, NotADomainIsAnError)
{
    EXPECT_FALSE(with_marker("<pool/>", some_marker()));
    EXPECT_FALSE(with_marker("<domain>", some_marker()));
}

TEST(MarkerXml, MarkedAndUnmarkedDefinitionsAreEqualInCanonicalForm)
{
    const std::string plain = "<domain>\n  <name>a</name>\n  <vcpu>1</vcpu>\n</domain>";
    const auto marked = with_marker(plain, some_marker());
    ASSERT_TRUE(marked);
    EXPECT_THAT(*marked, HasSubstr("vmferry"));
    EXPECT_EQ(*canonical_xml(*marked, Definition::live), *canonical_xml(plain, Definition::live));
}

}  // namespace
}  // namespace vmferry::libvirt
