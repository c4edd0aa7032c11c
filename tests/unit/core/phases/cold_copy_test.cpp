// Goal: a copy of an image is complete, compared, and worth nothing as soon as its original was used.
// Method: the phase over two hosts with files in memory; humans act between two pieces.

#include "core/phases/cold_copy.hpp"

#include <gtest/gtest.h>

#include "core/engine/image_copy.hpp"
#include "core/engine/transaction.hpp"
#include "core/engine/undo.hpp"
#include "core/phases/inspect_copies.hpp"
#include "tests/support/fake_disks.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/fake_images.hpp"

namespace vmferry::phases {
namespace {

using engine::CopiesHold;
using journal::Kind;

class SteppingClock final : public world::Clock {
public:
    [[nodiscard]] Milliseconds now() const override { return m_now; }
    void sleep(Milliseconds duration) override { m_now += duration; }

private:
    Milliseconds m_now{0};
};

class TwoHosts final : public world::Hypervisor {
public:
    test::FakeImages source;
    test::FakeImages target;
    test::FakeDisks disks;
    model::DomainFacts domain;
    std::map<std::string, test::FakeHost*> hosts;

    Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address, Milliseconds) override
    {
        auto host = std::make_unique<test::FakeHost>(address.label);
        host->own_images = address.label == "kvm1" ? &source : &target;
        host->own_disks = &disks;
        if (address.label == "kvm1") {
            host->add_domain(domain);
        }
        hosts[address.label] = host.get();
        return host;
    }
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::internal, "nothing moves here");
    }
};

/// What it is told to have seen.
class ToldInspector final : public world::ImageInspector {
public:
    std::vector<Result<model::Inspection>> answers;
    std::vector<std::string> paths;

    Result<model::Inspection> inspect(const std::vector<model::InspectedImage>& images) override
    {
        for (const model::InspectedImage& image : images) {
            paths.push_back(image.path);
        }
        auto answer = std::move(answers.front());
        answers.erase(answers.begin());
        return answer;
    }
    std::optional<std::string> beginning_of(const std::string&) override { return std::nullopt; }
    bool is_block_device(const std::string&) override { return false; }
    std::string host_name() override { return {}; }
};

class ColdCopyTest : public testing::Test {
protected:
    ColdCopyTest()
    {
        hosts.domain.uuid = context.plan.vm_uuid = Uuid::make_v7();
        hosts.domain.name = context.plan.vm_name = "web1";
        hosts.domain.now.reachable = hosts.domain.now.exists = hosts.domain.now.persistent = true;
        hosts.domain.now.state = model::RunState::shut_off;
        EXPECT_TRUE(m_hosts.open_both(Milliseconds(1)));
        context.plan.transaction = Uuid::make_v7();
        context.plan.source = "kvm1";
        context.plan.target = "kvm2";
        context.plan.was_off = true;
        context.plan.copies.wanted = true;
        for (const char* name : {"vda", "vdb"}) {
            model::DiskMove& disk = context.plan.copies.disks.emplace_back();
            disk.target = name;
            disk.from = std::string("/old/") + name;
            disk.to = std::string("/new/") + name;
            disk.from_format = disk.to_format = "raw";
            hosts.source.files[disk.from].content = name + std::string(100, '\0') + "end of " + name;
            hosts.target.files[disk.to].content = "";
        }
        EXPECT_TRUE(context.begin(engine::head_of(context.plan), Json::object()));
    }

    Result<> run() { return cold_copy_phase().run(context); }

    std::vector<journal::Entry> entries()
    {
        auto all = m_store->entries(context.plan.transaction);
        return all ? std::move(*all) : std::vector<journal::Entry>();
    }

    std::vector<std::string> copied()
    {
        std::vector<std::string> names;
        for (const journal::Entry& entry : entries()) {
            if (entry.kind == Kind::copied) {
                names.push_back(entry.object);
            }
        }
        return names;
    }

    TwoHosts hosts;
    SteppingClock m_clock;
    world::World m_world{hosts, m_clock, std::launch::deferred};
    std::unique_ptr<journal::Store> m_store = journal::open_memory(journal::Hashing::off);
    engine::Hosts m_hosts{m_world, {"kvm1", "", ""}, {"kvm2", "", ""}};
    engine::Reporter m_reporter;
    engine::Interrupt m_interrupt;
    engine::Context context{m_world, *m_store, m_hosts, m_reporter, m_interrupt};
};

TEST_F(ColdCopyTest, EachImageIsCopiedAndThatIsDurable)
{
    ASSERT_TRUE(run());
    EXPECT_EQ(copied(), (std::vector<std::string>{"vda", "vdb"}));
    for (const model::DiskMove& disk : context.plan.copies.disks) {
        EXPECT_EQ(hosts.target.files[disk.to].content, hosts.source.files[disk.from].content);
    }
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::good);
    EXPECT_TRUE(engine::refuse_stale_copies(context));
}

TEST_F(ColdCopyTest, WhatIsNotReadBackAsItWasReadIsNoCopy)
{
    hosts.target.garbles = true;
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id(), "VMF-E225");
    EXPECT_TRUE(copied().empty());
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::stale);
}

TEST_F(ColdCopyTest, AnOriginalThatIsWrittenToMeanwhileIsNoOriginal)
{
    int pieces = 0;
    hosts.source.at_each_piece = [&] {
        if (++pieces == 3) {
            hosts.source.write_to("/old/vda", hosts.source.files["/old/vda"].content);  // The same bytes, even.
        }
    };
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id(), "VMF-E224");
    EXPECT_TRUE(copied().empty());
}

TEST_F(ColdCopyTest, AVmThatIsStartedIsSeenWithinASecond)
{
    int pieces = 0;
    hosts.source.at_each_piece = [&] {
        m_clock.sleep(Milliseconds(600));
        if (++pieces == 2) {
            model::DomainFacts started = hosts.domain;
            started.now.state = model::RunState::running;
            hosts.hosts["kvm1"]->add_domain(started);
        }
    };
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id(), "VMF-E222");
    EXPECT_LE(pieces, 4);
}

TEST_F(ColdCopyTest, AnOriginalThatWasUsedSinceMakesItsCopyStale)
{
    ASSERT_TRUE(run());
    hosts.source.write_to("/old/vdb", "newer");
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::stale);
    EXPECT_EQ(engine::refuse_stale_copies(context).error().id(), "VMF-E224");
    hosts.source.answers = false;
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::unseen);
}

TEST_F(ColdCopyTest, AnOriginalThatIsGoneIsNotNewer)
{
    ASSERT_TRUE(run());
    hosts.source.files.erase("/old/vdb");
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::good);
}

TEST_F(ColdCopyTest, OneThatIsNotCopiedIsStale)
{
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::stale);
    context.plan.copies.disks.clear();
    EXPECT_EQ(engine::copies_hold(context), CopiesHold::good);
}

TEST_F(ColdCopyTest, ThePoolOfTheReadingIsInTheLedgerAndNothingIsLeftOfIt)
{
    ASSERT_TRUE(run());
    ASSERT_TRUE(context.record(Kind::all_ready));
    const auto all = entries();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const journal::Entry& entry) {
        return entry.kind == Kind::ledger && entry.object == "reading:vda";
    }));
    EXPECT_TRUE(engine::open_objects(all).empty());
}

TEST_F(ColdCopyTest, WhatThisMachineSeesIsProvedByANonce)
{
    hosts.source.are_here = true;
    hosts.hosts["kvm1"]->mount("/old", std::make_shared<test::FakeStore>());
    ASSERT_TRUE(run());
    const auto all = entries();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const journal::Entry& entry) {
        return entry.kind == Kind::ledger && entry.object.starts_with("probe:source:");
    }));
    for (const journal::Entry& entry : all) {
        if (entry.kind == Kind::copied) {
            EXPECT_EQ(entry.body->at("read_here"), true);
            EXPECT_EQ(entry.body->at("written_here"), false);
        }
    }
    EXPECT_TRUE(hosts.hosts["kvm1"]->files_in("/old").empty());
}

TEST_F(ColdCopyTest, ANonceThatCannotBeWrittenProvesNothing)
{
    hosts.source.are_here = true;  // Its files look alike, and its directory takes no nonce.
    hosts.hosts["kvm1"]->fail_call("create_probe", ErrorKind::failed);
    ASSERT_TRUE(run());
    for (const journal::Entry& entry : entries()) {
        if (entry.kind == Kind::copied) {
            EXPECT_EQ(entry.body->at("read_here"), false);
        }
    }
}

TEST_F(ColdCopyTest, AnInspectorLooksIntoBothAndADifferenceIsAnError)
{
    ToldInspector inspector;
    context.image_inspector = &inspector;
    hosts.source.are_here = hosts.target.are_here = true;
    hosts.hosts["kvm1"]->mount("/old", std::make_shared<test::FakeStore>());
    hosts.hosts["kvm2"]->mount("/new", std::make_shared<test::FakeStore>());
    model::Inspection whole;
    whole.file_systems.push_back({.device = "vda1",
                                  .type = "ext4",
                                  .label = {},
                                  .uuid = "1",
                                  .size_bytes = 9,
                                  .health = model::FileSystem::Health::whole,
                                  .detail = {}});
    model::Inspection damaged = whole;
    damaged.file_systems.front().health = model::FileSystem::Health::damaged;
    inspector.answers = {whole, whole};
    ASSERT_TRUE(run());
    EXPECT_EQ(inspector.paths, (std::vector<std::string>{"/old/vda", "/old/vdb", "/new/vda", "/new/vdb"}));
    inspector.answers = {whole, damaged};
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id(), "VMF-E226");
}

TEST_F(ColdCopyTest, WhatThisMachineDoesNotSeeCannotBeLookedInto)
{
    ToldInspector inspector;
    context.image_inspector = &inspector;
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id(), "VMF-E227");
    EXPECT_TRUE(inspector.paths.empty());
    EXPECT_TRUE(copied().empty());
}

}  // namespace
}  // namespace vmferry::phases
