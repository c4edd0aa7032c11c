// Goal: with addresses to ask, the announcement goes on until they answer, the proof is in the journal,
// and silence is an error that the engine makes a debt of. Method: the real phase over fake hosts and a
// network that answers when it is told to.

#include "core/phases/announce.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_host.hpp"

namespace vmferry::phases {
namespace {

class FakeHypervisor final : public world::Hypervisor {
public:
    explicit FakeHypervisor(test::FakeHost*& last) : m_last(last) {}
    Result<std::unique_ptr<world::Host>> open(const model::HostAddress& address, Milliseconds /*limit*/) override
    {
        auto host = std::make_unique<test::FakeHost>(address.label);
        model::DomainFacts vm;
        vm.uuid = m_vm;
        vm.now.state = model::RunState::running;
        host->add_domain(vm);
        m_last = host.get();
        return std::unique_ptr<world::Host>(std::move(host));
    }
    Result<std::unique_ptr<Driver>> prepare(world::Host&, world::Host&, world::Route, Milliseconds) override
    {
        return fail(ErrorKind::internal, "nothing is moved here");
    }
    [[nodiscard]] const Uuid& vm() const { return m_vm; }

private:
    const Uuid m_vm = Uuid::make_v7();
    test::FakeHost*& m_last;
};

class StillClock final : public world::Clock {
public:
    Milliseconds now() const override { return Milliseconds(0); }
    void sleep(Milliseconds) override {}
};

/// Each address answers from the given question on; 0: never.
class FakeNetwork final : public world::Prober {
public:
    Result<bool> answers(const std::string& address, const std::vector<std::string>& macs, Milliseconds) override
    {
        EXPECT_EQ(macs, (std::vector<std::string>{"52:54:00:00:00:01"}));
        const int asked = ++questions[address];
        return from[address] != 0 && asked >= from[address];
    }
    std::map<std::string, int> from;
    std::map<std::string, int> questions;
};

class AnnouncePhase : public testing::Test {
protected:
    AnnouncePhase()
    {
        m_world.prober = &m_network;
        m_context.plan.vm_uuid = m_hypervisor.vm();
        m_context.plan.transaction = Uuid::make_v7();
        m_context.plan.target = "kvm2";
        model::Nic nic;
        nic.mac = "52:54:00:00:00:01";
        m_context.domain.nics = {nic};
        journal::TransactionHead head;
        head.id = m_context.plan.transaction;
        head.vm_uuid = m_context.plan.vm_uuid;
        EXPECT_TRUE(m_store->begin(head, Json::object()));
    }

    Result<> run() { return announce_phase().run(m_context); }
    [[nodiscard]] long rounds() const
    {
        const auto calls = m_target == nullptr ? std::vector<std::string>() : m_target->calls();
        return std::count_if(calls.begin(), calls.end(), [](const auto& one) { return one.starts_with("announce"); });
    }

    test::FakeHost* m_target = nullptr;
    FakeHypervisor m_hypervisor{m_target};
    StillClock m_clock;
    FakeNetwork m_network;
    world::World m_world{m_hypervisor, m_clock};
    std::unique_ptr<journal::Store> m_store = journal::open_memory();
    engine::Reporter m_reporter;
    engine::Interrupt m_interrupt;
    engine::Hosts m_hosts{m_world, {"kvm1", {}, {}}, {"kvm2", {}, {}}};
    engine::Context m_context{m_world, *m_store, m_hosts, m_reporter, m_interrupt};
};

TEST_F(AnnouncePhase, WithoutAddressesNobodyIsAsked)
{
    ASSERT_TRUE(run());
    EXPECT_EQ(rounds(), 1) << "one call of several rounds";
    EXPECT_TRUE(m_network.questions.empty());
    EXPECT_TRUE(m_context.outcome.announced.is_null());
}

TEST_F(AnnouncePhase, GoesOnUntilAllAnswerAndKeepsTheProof)
{
    m_context.plan.probes = {"192.0.2.17", "2001:db8::17"};
    m_network.from = {{"192.0.2.17", 1}, {"2001:db8::17", 3}};
    ASSERT_TRUE(run());
    EXPECT_EQ(rounds(), 3);
    EXPECT_EQ(m_network.questions["192.0.2.17"], 1) << "who has answered is not asked again";
    ASSERT_TRUE(m_context.record(journal::Kind::announced));
    const auto entries = m_store->entries(m_context.plan.transaction).value();
    const auto note =
        std::find_if(entries.begin(), entries.end(), [](const auto& one) { return one.kind == journal::Kind::note; });
    ASSERT_NE(note, entries.end());
    EXPECT_EQ(note->object, "announce");
    EXPECT_EQ(note->body->at("rounds"), 3);
    EXPECT_EQ(m_context.outcome.announced, *note->body);
}

TEST_F(AnnouncePhase, SilenceIsSaidAndHasAnEnd)
{
    m_context.plan.probes = {"192.0.2.17", "192.0.2.18"};
    m_network.from = {{"192.0.2.17", 1}};
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind(), ErrorKind::failed);
    EXPECT_NE(done.error().what().find("nobody answers at 192.0.2.18"), std::string::npos);
    EXPECT_GT(rounds(), 1);
    EXPECT_TRUE(m_context.outcome.announced.is_null());
}

TEST_F(AnnouncePhase, GuestThatItsUserPausedSaysNothing)
{
    m_context.plan.probes = {"192.0.2.17"};
    m_context.plan.was_paused = true;
    ASSERT_TRUE(run());
    EXPECT_EQ(rounds(), 0);
}

}  // namespace
}  // namespace vmferry::phases
