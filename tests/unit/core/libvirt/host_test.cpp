// Goal: host, questions and acts work together. Method: libvirt's own test driver, which lives in
// this process and needs no daemon.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/libvirt/hypervisor.hpp"

namespace vmferry::libvirt {
namespace {

using namespace std::chrono_literals;

class TestDriver : public testing::Test {
protected:
    void SetUp() override
    {
        m_hypervisor = make_libvirt_hypervisor();
        auto host = m_hypervisor->open({"test", "test:///default", ""}, 10s);
        ASSERT_TRUE(host) << host.error().text();
        m_host = std::move(*host);
        const auto uuid = m_host->inspect().find("test");
        ASSERT_TRUE(uuid) << uuid.error().text();
        m_vm = *uuid;
    }

    model::Observation observe() { return m_host->inspect().observe(m_vm, 5s); }

    std::unique_ptr<world::Hypervisor> m_hypervisor;
    std::unique_ptr<world::Host> m_host;
    Uuid m_vm;
};

TEST_F(TestDriver, FindsByNameAndByUuid)
{
    EXPECT_EQ(*m_host->inspect().find(m_vm.str()), m_vm);
    EXPECT_EQ(m_host->inspect().find("nobody").error().kind(), ErrorKind::not_found);
    EXPECT_EQ(m_host->inspect().find(Uuid::make_v7().str()).error().kind(), ErrorKind::not_found);
}

TEST_F(TestDriver, ObservesWhatRuns)
{
    const model::Observation seen = observe();
    EXPECT_TRUE(seen.reachable);
    EXPECT_TRUE(seen.exists);
    EXPECT_TRUE(seen.persistent);
    EXPECT_EQ(seen.state, model::RunState::running);
    EXPECT_GE(seen.id, 0);
    EXPECT_FALSE(seen.job_active);
    EXPECT_FALSE(seen.live_marker);
}

TEST_F(TestDriver, AbsentDomainIsAnObservation)
{
    const model::Observation seen = m_host->inspect().observe(Uuid::make_v7(), 5s);
    EXPECT_TRUE(seen.reachable);
    EXPECT_FALSE(seen.exists);
}

TEST_F(TestDriver, SuspendsAndResumesTwice)
{
    EXPECT_TRUE(m_host->control().suspend(m_vm));
    EXPECT_TRUE(m_host->control().suspend(m_vm));
    EXPECT_EQ(observe().state, model::RunState::paused);
    EXPECT_EQ(observe().reason, model::StateReason::user);
    EXPECT_TRUE(m_host->control().resume(m_vm));
    EXPECT_TRUE(m_host->control().resume(m_vm));
    EXPECT_EQ(observe().state, model::RunState::running);
}

TEST_F(TestDriver, MarksAndUnmarksWithoutATrace)
{
    const auto before = m_host->inspect().before_image(m_vm);
    ASSERT_TRUE(before) << before.error().text();
    const model::Marker marker{Uuid::make_v7(), 5, model::Side::source, false, "here"};
    ASSERT_TRUE(m_host->control().set_marker(m_vm, marker));
    EXPECT_EQ(observe().live_marker, marker);
    EXPECT_EQ(observe().inactive_marker, marker);
    const auto residents = m_host->inspect().residents();
    ASSERT_TRUE(residents);
    ASSERT_EQ(residents->size(), 1U);
    EXPECT_EQ(residents->front().marker, marker);
    EXPECT_TRUE(m_host->control().clear_marker(m_vm));
    EXPECT_TRUE(m_host->control().clear_marker(m_vm));
    EXPECT_FALSE(observe().live_marker);
    const auto now = m_host->inspect().before_image(m_vm);
    ASSERT_TRUE(now);
    EXPECT_THAT(compare(*before, *now), testing::IsEmpty());
}

TEST_F(TestDriver, MarkerOfAnAbsentDomainIsClearAlready)
{
    EXPECT_TRUE(m_host->control().clear_marker(Uuid::make_v7()));
    EXPECT_EQ(m_host->control().set_marker(Uuid::make_v7(), {}).error().kind(), ErrorKind::not_found);
}

TEST_F(TestDriver, RunningDomainIsNotUndefined)
{
    const auto done = m_host->control().undefine(m_vm, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind(), ErrorKind::failed);
    EXPECT_TRUE(observe().persistent);
}

TEST_F(TestDriver, DestroysAndUndefinesTwice)
{
    EXPECT_TRUE(m_host->control().destroy(m_vm));
    EXPECT_TRUE(m_host->control().destroy(m_vm));
    EXPECT_EQ(observe().state, model::RunState::shut_off);
    EXPECT_EQ(observe().id, -1);
    EXPECT_TRUE(m_host->control().undefine(m_vm, {}));
    EXPECT_TRUE(m_host->control().undefine(m_vm, {}));
    EXPECT_TRUE(m_host->control().destroy(m_vm));
    EXPECT_FALSE(observe().exists);
}

TEST_F(TestDriver, DescribesTheDomain)
{
    const auto facts = m_host->inspect().describe(m_vm);
    ASSERT_TRUE(facts) << facts.error().text();
    EXPECT_EQ(facts->name, "test");
    EXPECT_EQ(facts->memory_bytes, 8ULL << 30);
    EXPECT_EQ(facts->now.state, model::RunState::running);
    EXPECT_FALSE(facts->autostart);
}

TEST_F(TestDriver, ProvesADirectoryOverAPool)
{
    // The test driver keeps volumes in memory, so only what needs no upload can be tried.
    EXPECT_FALSE(m_host->datastore().file_exists("/dev/null"));
    EXPECT_FALSE(m_host->datastore().file_exists("relative"));
}

TEST_F(TestDriver, HasNoDriverConnection)
{
    auto driver = m_hypervisor->prepare(*m_host, *m_host, world::Route::held, 5s);
    EXPECT_FALSE(driver);
}

TEST_F(TestDriver, ConnectionsCloseOneByOne)
{
    for (int i = 0; i < 20; ++i) {
        auto host = m_hypervisor->open({"again", "test:///default", ""}, 10s);
        ASSERT_TRUE(host);
        EXPECT_TRUE((*host)->alive());
    }
}

TEST(Open, SaysWhatIsWrong)
{
    const auto hypervisor = make_libvirt_hypervisor();
    const auto kind = [&](const char* uri) {
        const auto host = hypervisor->open({"x", uri, ""}, 10s);
        return host ? ErrorKind::internal : host.error().kind();
    };
    EXPECT_EQ(kind("qemu+unix:///system?socket=/nonexistent/socket"), ErrorKind::unreachable);
    EXPECT_EQ(kind("qemu+tcp://127.0.0.1:1/system"), ErrorKind::unreachable);
    EXPECT_EQ(kind("qemu+nonsense://x/system"), ErrorKind::usage);
    EXPECT_EQ(kind(":::"), ErrorKind::usage);
}

TEST(Open, EntryForTheModuleIsThere)
{
    const std::unique_ptr<world::Hypervisor> hypervisor(vmferry_make_hypervisor());
    EXPECT_NE(hypervisor, nullptr);
}

}  // namespace
}  // namespace vmferry::libvirt
