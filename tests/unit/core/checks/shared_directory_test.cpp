// Goal: sharing is believed only when it is so, and nothing of a proof is left over, whatever fails.
// Method: each call fails in turn, before and after it had its effect.

#include "core/checks/shared_directory.hpp"

#include <algorithm>
#include <set>

#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::Severity;
using test::FakeHost;
using ::testing::ElementsAre;
using Verdict = DirectoryProof::Verdict;

class SharedDirectoryTest : public CheckTest {
protected:
    DirectoryProof prove(const std::string& directory = "/srv/vm")
    {
        CheckContext context{
            domain, source.host_facts, target.host_facts, residents, source, target, {}, k_transaction, {},
            ledger, *proofs,           patience};
        return prove_directory(context, directory);
    }
    void expect_nothing_left()
    {
        EXPECT_TRUE(is_clean(source, "/srv/vm"));
        EXPECT_TRUE(is_clean(target, "/srv/vm"));
        EXPECT_THAT(ledger.open, ElementsAre());
    }
};

TEST_F(SharedDirectoryTest, SharedDirectoryIsProvedAndNothingIsLeft)
{
    EXPECT_EQ(prove().verdict, Verdict::shared);
    expect_nothing_left();
}

TEST_F(SharedDirectoryTest, LedgerIsToldBeforeAndAfterEachEffect)
{
    ledger.on_entry = [this](const std::string& line) {
        const bool source_pool = !source.transient_pools().empty();
        const bool target_pool = !target.transient_pools().empty();
        if (line == "creating source") {
            EXPECT_FALSE(source_pool);
            EXPECT_TRUE(is_clean(source, "/srv/vm"));
        } else if (line == "creating target") {
            EXPECT_FALSE(target_pool);
        } else if (line == "removed target") {
            EXPECT_FALSE(target_pool);
        } else {
            EXPECT_FALSE(source_pool);
            EXPECT_TRUE(is_clean(source, "/srv/vm"));
        }
    };
    EXPECT_EQ(prove().verdict, Verdict::shared);
    EXPECT_THAT(ledger.lines, ElementsAre("creating source /srv/vm", "creating target /srv/vm",
                                          "removed target /srv/vm", "removed source /srv/vm"));
}

TEST_F(SharedDirectoryTest, DirectoryThatOnlyLooksTheSameIsNotShared)
{
    target.mount("/srv/vm", std::make_shared<test::FakeStore>());
    target.add_file("/srv/vm/web1.qcow2");
    const auto proof = prove();
    EXPECT_EQ(proof.verdict, Verdict::not_shared);
    EXPECT_THAT(proof.reason, ::testing::HasSubstr("kvm2"));
    expect_nothing_left();
    EXPECT_EQ(target.files_in("/srv/vm").size(), 1U) << "a foreign file must not be touched";
}

TEST_F(SharedDirectoryTest, FileOfTheNameWithOtherContentIsNotShared)
{
    auto other = std::make_shared<test::FakeStore>();
    target.mount("/srv/vm", other);
    ledger.on_entry = [&](const std::string& line) {
        if (line == "creating target") {  // Somebody copies the directory, and gets an old state.
            for (const std::string& name : source.files_in("/srv/vm")) {
                target.add_file("/srv/vm/" + name, "old content");
            }
        }
    };
    EXPECT_EQ(prove().verdict, Verdict::not_shared);
    EXPECT_TRUE(is_clean(source, "/srv/vm"));
    EXPECT_EQ(target.files_in("/srv/vm").size(), 2U) << "only the source deletes the volume";
}

TEST_F(SharedDirectoryTest, TargetThatSeesTheFileLateIsAskedAgain)
{
    target.probe_reads_blind = 2;
    patience = Milliseconds(2000);
    EXPECT_EQ(prove().verdict, Verdict::shared);
    expect_nothing_left();
}

TEST_F(SharedDirectoryTest, PatienceEnds)
{
    target.probe_reads_blind = 1000;
    patience = Milliseconds(250);
    const Deadline limit(Milliseconds(2000));
    EXPECT_EQ(prove().verdict, Verdict::not_shared);
    EXPECT_FALSE(limit.over());
    expect_nothing_left();
}

TEST_F(SharedDirectoryTest, LedgerThatRefusesStopsTheProofBeforeAnyEffect)
{
    ledger.refuse = "creating source";
    EXPECT_EQ(prove().verdict, Verdict::not_provable);
    EXPECT_TRUE(source.calls().empty());
    EXPECT_TRUE(target.calls().empty());
}

TEST_F(SharedDirectoryTest, LedgerThatRefusesTheTargetLeavesTheTargetUntouched)
{
    ledger.refuse = "creating target";
    EXPECT_EQ(prove().verdict, Verdict::not_provable);
    EXPECT_TRUE(target.calls().empty());
    expect_nothing_left();
}

struct Failure {
    const char* name;
    bool on_source;
    const char* call;
    ErrorKind kind;
    FakeHost::When when;
};

class ProbeFailure : public SharedDirectoryTest, public ::testing::WithParamInterface<Failure> {};

TEST_P(ProbeFailure, ProvesNothingAndLeavesNothing)
{
    (GetParam().on_source ? source : target).fail_call(GetParam().call, GetParam().kind, GetParam().when);
    const auto proof = prove();
    EXPECT_EQ(proof.verdict, Verdict::not_provable);
    EXPECT_FALSE(proof.reason.empty());
    EXPECT_TRUE(proof.leftovers.empty());
    expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(
    EachCall, ProbeFailure,
    ::testing::Values(Failure{"CreateRefused", true, "create_probe", ErrorKind::failed, FakeHost::When::before},
                      Failure{"CreateDenied", true, "create_probe", ErrorKind::denied, FakeHost::When::before},
                      Failure{"CreateUnanswered", true, "create_probe", ErrorKind::unknown, FakeHost::When::before},
                      Failure{"CreateDoneButUnanswered", true, "create_probe", ErrorKind::unknown,
                              FakeHost::When::after},
                      Failure{"CreateDoneButLost", true, "create_probe", ErrorKind::unreachable, FakeHost::When::after},
                      Failure{"ReadRefused", false, "read_probe", ErrorKind::failed, FakeHost::When::before},
                      Failure{"ReadLost", false, "read_probe", ErrorKind::unreachable, FakeHost::When::before},
                      Failure{"ReadDoneButLost", false, "read_probe", ErrorKind::unreachable, FakeHost::When::after}),
    [](const auto& test_case) { return test_case.param.name; });

TEST_F(SharedDirectoryTest, RemovalThatFailsOnceIsTriedAgain)
{
    source.fail_call("remove_probe", ErrorKind::unknown, FakeHost::When::before, 1);
    target.fail_call("remove_probe", ErrorKind::unknown, FakeHost::When::after, 1);
    const auto proof = prove();
    EXPECT_EQ(proof.verdict, Verdict::shared);
    EXPECT_TRUE(proof.leftovers.empty());
    expect_nothing_left();
}

TEST_F(SharedDirectoryTest, WhatCannotBeRemovedStaysInTheLedgerAndIsTold)
{
    source.fail_call("remove_probe", ErrorKind::unreachable);
    const auto proof = prove();
    EXPECT_EQ(proof.verdict, Verdict::shared);
    ASSERT_EQ(proof.leftovers.size(), 1U);
    EXPECT_THAT(proof.leftovers[0], ::testing::StartsWith("kvm1:/srv/vm/vmferry-probe-"));
    EXPECT_THAT(ledger.open, ElementsAre("source"));
}

TEST_F(SharedDirectoryTest, TargetThatCannotBeCleanedDoesNotKeepTheSourceFromIt)
{
    target.fail_call("remove_probe", ErrorKind::unreachable);
    EXPECT_EQ(prove().leftovers.size(), 1U);
    EXPECT_TRUE(is_clean(source, "/srv/vm"));
    EXPECT_THAT(ledger.open, ElementsAre("target"));
}

TEST_F(SharedDirectoryTest, RemovalThatTheLedgerDoesNotTakeIsTold)
{
    ledger.refuse = "removed source";
    EXPECT_EQ(prove().leftovers.size(), 1U);
    EXPECT_TRUE(is_clean(source, "/srv/vm"));
}

TEST_F(SharedDirectoryTest, DirectoryIsProvedOnceHoweverManyAsk)
{
    add_disk("vdb", model::DiskKind::file, "/srv/vm/b.raw");
    add_disk("vdc", model::DiskKind::file, "/srv/vm/c.raw").backing = "/srv/vm/base.qcow2";
    static_cast<void>(all());
    EXPECT_EQ(std::count(ledger.lines.begin(), ledger.lines.end(), "creating source /srv/vm"), 1);
    expect_nothing_left();
}

TEST_F(SharedDirectoryTest, LeftoverIsReportedOnceAndIsNoError)
{
    add_disk("vdb", model::DiskKind::file, "/srv/vm/web1.qcow2");
    target.fail_call("remove_probe", ErrorKind::unreachable);
    int told = 0;
    for (const auto& finding : all()) {
        told += finding.facts.contains("leftover") ? 1 : 0;
        EXPECT_FALSE(finding.facts.contains("leftover") && finding.severity != Severity::warn);
    }
    EXPECT_EQ(told, 1);
}

TEST_F(SharedDirectoryTest, TwoProofsNeverUseOneName)
{
    std::set<std::string> names;
    ledger.on_entry = [&](const std::string& line) {
        if (line == "creating target") {
            for (const std::string& name : source.files_in("/srv/vm")) {
                names.insert(name);
            }
        }
    };
    EXPECT_EQ(prove().verdict, Verdict::shared);
    proofs.emplace();
    EXPECT_EQ(prove().verdict, Verdict::shared);
    names.erase("web1.qcow2");
    EXPECT_EQ(names.size(), 2U);
}

TEST(ProbeDirectory, IsTheDirectoryOfAnAbsolutePath)
{
    EXPECT_EQ(probe_directory("/srv/vm/a.raw"), "/srv/vm");
    EXPECT_EQ(probe_directory("/srv/vm//a.raw"), "/srv/vm");
    EXPECT_EQ(probe_directory("/devices/a.raw"), "/devices");
}

TEST(ProbeDirectory, IsRefusedWhereANonceMustNotBe)
{
    for (const char* path : {"", "a.raw", "pool/a.raw", "/a.raw", "//a.raw", "/srv/../etc/a.raw", "/srv/vm/..",
                             "/dev/sdb", "/dev/mapper/x", "/proc/1/root/a", "/sys/a/b"}) {
        EXPECT_EQ(probe_directory(path), "") << path;
    }
}

}  // namespace
}  // namespace vmferry::checks
