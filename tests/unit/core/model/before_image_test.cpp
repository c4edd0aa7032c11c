// Goal: "as before" is said only when it is so, and a before image survives the journal.

#include "core/model/before_image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace vmferry::model {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

BeforeImage running_vm()
{
    BeforeImage image;
    image.state.reachable = true;
    image.state.exists = true;
    image.state.persistent = true;
    image.state.state = RunState::running;
    image.state.reason = StateReason::other;
    image.state.id = 7;
    image.state.cpu_time_ns = 1000;
    image.state.live_marker = Marker{Uuid::make_v7(), 3, Side::source, false, "admin1"};
    image.live_xml = "<domain><name>web1</name><vcpu>2</vcpu></domain>";
    image.inactive_xml = "<domain><name>web1</name></domain>";
    image.autostart = true;
    image.snapshots = {"monday"};
    image.disk_files = {{"vda", "/pool/a", "64055:64055", "0600"}, {"vdb", "/pool/b", "", ""}};
    image.max_downtime_ms = 300;
    image.max_bandwidth_mib_s = 8796093022207;
    return image;
}

std::vector<std::string> fields_that_differ(const BeforeImage& before, const BeforeImage& now)
{
    std::vector<std::string> fields;
    for (const Difference& difference : compare(before, now)) {
        fields.push_back(difference.field);
    }
    return fields;
}

TEST(BeforeImage, EqualImagesHaveNoDifference)
{
    const BeforeImage image = running_vm();
    EXPECT_THAT(compare(image, image), IsEmpty());
}

TEST(BeforeImage, EachFieldThatChangesIsNamed)
{
    const std::vector<std::pair<std::string, std::function<void(BeforeImage&)>>> changes{
        {"reachable", [](BeforeImage& image) { image.state.reachable = false; }},
        {"exists", [](BeforeImage& image) { image.state.exists = false; }},
        {"persistent", [](BeforeImage& image) { image.state.persistent = false; }},
        {"state", [](BeforeImage& image) { image.state.state = RunState::paused; }},
        {"instance", [](BeforeImage& image) { image.state.id = 8; }},
        {"processor time", [](BeforeImage& image) { image.state.cpu_time_ns = 999; }},
        {"job active", [](BeforeImage& image) { image.state.job_active = true; }},
        {"live definition", [](BeforeImage& image) { image.live_xml = "<domain/>"; }},
        {"inactive definition", [](BeforeImage& image) { image.inactive_xml.clear(); }},
        {"autostart", [](BeforeImage& image) { image.autostart = false; }},
        {"managed save", [](BeforeImage& image) { image.managed_save = true; }},
        {"snapshots", [](BeforeImage& image) { image.snapshots.clear(); }},
        {"checkpoints", [](BeforeImage& image) { image.checkpoints = {"c"}; }},
        {"block jobs", [](BeforeImage& image) { image.block_jobs = {"vda"}; }},
        {"disk vda", [](BeforeImage& image) { image.disk_files[0].owner = "0:0"; }},
        {"disk vdb", [](BeforeImage& image) { image.disk_files.pop_back(); }},
        {"disk vdc",
         [](BeforeImage& image) {
             image.disk_files.push_back({"vdc", "/x", "", ""});
         }},
        {"maximum downtime (ms)", [](BeforeImage& image) { image.max_downtime_ms = 10; }},
        {"maximum bandwidth (MiB/s)", [](BeforeImage& image) { image.max_bandwidth_mib_s = 1; }},
    };
    for (const auto& [field, change] : changes) {
        BeforeImage now = running_vm();
        change(now);
        EXPECT_THAT(fields_that_differ(running_vm(), now), ElementsAre(field));
    }
}

TEST(BeforeImage, TimeGoesOnAndReasonsOfRunningDoNotCount)
{
    BeforeImage now = running_vm();
    now.state.cpu_time_ns += 5;
    now.state.reason = StateReason::migrated;
    now.state.live_marker.reset();
    EXPECT_THAT(compare(running_vm(), now), IsEmpty());
}

TEST(BeforeImage, ReasonOfPausedCounts)
{
    BeforeImage before = running_vm();
    before.state.state = RunState::paused;
    before.state.reason = StateReason::user;
    BeforeImage now = before;
    now.state.reason = StateReason::migration;
    EXPECT_THAT(fields_that_differ(before, now), ElementsAre("reason"));
}

TEST(BeforeImage, ReasonOfShutOffDoesNotCount)
{
    BeforeImage before = running_vm();
    before.state.state = RunState::shut_off;
    before.state.id = -1;
    before.state.reason = StateReason::shutdown;
    BeforeImage now = before;
    now.state.reason = StateReason::unknown;
    EXPECT_THAT(compare(before, now), IsEmpty());
}

TEST(BeforeImage, DifferenceOfDefinitionsShowsThePlace)
{
    BeforeImage now = running_vm();
    now.live_xml = "<domain><name>web1</name><vcpu>4</vcpu></domain>";
    const auto differences = compare(running_vm(), now);
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].before, "<vcpu>2</vcpu></domain>");
    EXPECT_EQ(differences[0].now, "<vcpu>4</vcpu></domain>");
}

TEST(BeforeImage, DefinitionCutShortIsShownToo)
{
    BeforeImage now = running_vm();
    now.live_xml = now.live_xml.substr(0, 10);
    EXPECT_EQ(compare(running_vm(), now).size(), 1U);
}

TEST(BeforeImage, SurvivesTheJournal)
{
    const BeforeImage image = running_vm();
    const auto text = parse_json(dump_json(to_json(image)));
    ASSERT_TRUE(text);
    const auto back = before_image_from_json(*text);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_THAT(compare(image, *back), IsEmpty());
    EXPECT_EQ(back->state.live_marker, image.state.live_marker);
    EXPECT_EQ(to_json(*back), to_json(image));
}

TEST(BeforeImage, UnreachableHostSurvivesTheJournalToo)
{
    BeforeImage image;
    image.state.problem = "no route";
    const auto back = before_image_from_json(to_json(image));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->state.problem, "no route");
}

TEST(BeforeImage, DamagedJsonIsAnErrorThatNamesTheField)
{
    const Json good = to_json(running_vm());
    EXPECT_FALSE(before_image_from_json(Json::array()));
    EXPECT_FALSE(before_image_from_json(Json("text")));
    for (const auto& [key, value] : good.items()) {
        Json damaged = good;
        damaged.erase(key);
        const auto missing = before_image_from_json(damaged);
        ASSERT_FALSE(missing) << key;
        EXPECT_EQ(missing.error().kind(), ErrorKind::journal);
        damaged[key] = 1.5;
        EXPECT_FALSE(before_image_from_json(damaged)) << key;
    }
    Json state = good;
    state["state"]["state"] = "dancing";
    const auto unknown = before_image_from_json(state);
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().what(), testing::HasSubstr("dancing"));
}

}  // namespace
}  // namespace vmferry::model
