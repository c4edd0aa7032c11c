#include "core/model/inspection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Health = FileSystem::Health;
using State = ImageContents::State;

Inspection debian()
{
    Inspection inspection;
    ImageContents image;
    image.disk = "vda";
    image.state = State::inspected;
    image.capacity_bytes = 10ULL << 30;
    image.table = "gpt";
    image.partitions = {{1, 1 << 20, 9ULL << 30, "0FC63DAF-8483-4772-8E79-3D69D8477DE4"}};
    inspection.images = {image};
    inspection.file_systems = {{.device = "vda1",
                                .type = "ext4",
                                .label = "root",
                                .uuid = "3f6ab4d2-8d1c-4b0e-9a53-0c1f2f8a7f11",
                                .size_bytes = 9ULL << 30,
                                .free_bytes = 5ULL << 30,
                                .health = Health::whole,
                                .detail = {}}};
    inspection.volume_groups = {"vg0"};
    inspection.systems = {{"vda1", "linux", "debian", "Debian GNU/Linux 12 (bookworm)", "12.5", "x86_64", "web1"}};
    return inspection;
}

Result<Inspection> read(const Json& change)
{
    Json json = to_json(debian());
    json.merge_patch(change);
    return inspection_from_json(json);
}

TEST(InspectionTest, IsReadAsItIsWritten)
{
    const auto again = inspection_from_json(to_json(debian()));
    ASSERT_TRUE(again);
    EXPECT_EQ(to_json(*again), to_json(debian()));
}

TEST(InspectionTest, WhatIsNoInspectionIsRefused)
{
    EXPECT_FALSE(inspection_from_json(Json()));
    EXPECT_FALSE(inspection_from_json({{"schema", "vmferry.inspection/2"}}));
    EXPECT_FALSE(read({{"images", 7}}));
    EXPECT_FALSE(read({{"images", {{{"disk", "vda"}, {"state", "splendid"}}}}}));
    EXPECT_FALSE(read({{"file_systems", Json::array({Json()})}}));
}

TEST(InspectionTest, AListThatNoDiskCouldGiveIsRefused)
{
    EXPECT_FALSE(read({{"systems", std::vector<Json>(2000, Json::object())}}));
}

TEST(InspectionTest, TextsOfGuestsAreCutAndCannotSteerATerminal)
{
    Json json = to_json(debian());
    json["file_systems"][0]["label"] = "\x1b]0;owned\a" + std::string(5000, 'x');
    const auto inspection = inspection_from_json(json);
    ASSERT_TRUE(inspection);
    const std::string& label = inspection->file_systems[0].label;
    EXPECT_LT(label.size(), 500U);
    EXPECT_EQ(label.find('\x1b'), std::string::npos);
    EXPECT_EQ(label.find('\a'), std::string::npos);
}

TEST(InspectionTest, SizesThatMakeNoSenseAreNone)
{
    Json json = to_json(debian());
    json["images"][0]["capacity_bytes"] = -5;
    json["file_systems"][0]["free_bytes"] = "much";
    const auto inspection = inspection_from_json(json);
    ASSERT_TRUE(inspection);
    EXPECT_EQ(inspection->images[0].capacity_bytes, 0U);
    EXPECT_FALSE(inspection->file_systems[0].free_bytes);
}

TEST(InspectionDifferencesTest, ACopyIsLikeItsOriginal)
{
    Inspection copy = debian();
    copy.file_systems[0].free_bytes = 4ULL << 30;
    EXPECT_THAT(differences(debian(), copy), IsEmpty());
}

TEST(InspectionDifferencesTest, ACopyThatIsCutOffIsTold)
{
    Inspection copy = debian();
    copy.images[0].capacity_bytes = 5ULL << 30;
    EXPECT_THAT(differences(debian(), copy), ElementsAre(HasSubstr("vda has 5368709120 bytes and had 10737418240")));
    copy = debian();
    copy.images[0].partitions.clear();
    EXPECT_THAT(differences(debian(), copy), ElementsAre("vda has other partitions"));
}

TEST(InspectionDifferencesTest, AFileSystemThatIsGoneOrAnotherOrWorseIsTold)
{
    Inspection copy = debian();
    copy.file_systems.clear();
    EXPECT_THAT(differences(debian(), copy), ElementsAre("the file system (ext4) of vda1 is missing"));
    copy = debian();
    copy.file_systems[0].uuid = "other";
    EXPECT_THAT(differences(debian(), copy), ElementsAre(HasSubstr("vda1 holds another file system")));
    copy = debian();
    copy.file_systems[0].health = Health::damaged;
    copy.file_systems[0].detail = "bad blocks";
    EXPECT_THAT(differences(debian(), copy), ElementsAre("the file system of vda1 is damaged: bad blocks"));
    EXPECT_THAT(differences(copy, copy), IsEmpty()) << "it was damaged before";
}

TEST(InspectionDifferencesTest, ASystemThatIsNotFoundAnyMoreIsTold)
{
    Inspection copy = debian();
    copy.systems.clear();
    EXPECT_THAT(differences(debian(), copy),
                ElementsAre("Debian GNU/Linux 12 (bookworm) (web1) is not found on vda1 any more"));
}

TEST(InspectionDifferencesTest, ALookThatFailedProvesNothing)
{
    Inspection copy = debian();
    copy.incomplete = "the appliance ended";
    EXPECT_THAT(differences(debian(), copy), ElementsAre(HasSubstr("ended early")));
    copy = debian();
    copy.images[0].state = State::not_inspected;
    EXPECT_THAT(differences(debian(), copy), ElementsAre("vda could not be looked into again"));
    copy.images.clear();
    EXPECT_THAT(differences(debian(), copy), ElementsAre("vda could not be looked into again"));
}

TEST(InspectionDifferencesTest, WhatWasNotLookedIntoBeforeHasNothingToBeComparedWith)
{
    Inspection original;
    original.images.emplace_back();
    original.images[0].disk = "vda";
    EXPECT_THAT(differences(original, debian()), IsEmpty());
}

}  // namespace
}  // namespace vmferry::model
