// The two hosts, their networks and the name under which the source finds the target.

#include <filesystem>
#include <fstream>

#include "core/checks/reach_memory.hpp"
#include "tests/unit/core/checks/check_test.hpp"

namespace vmferry::checks {
namespace {

using model::NicKind;
using model::Severity;
using Presence = world::Capabilities::Presence;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HostsTest : public CheckTest {};

TEST_F(HostsTest, OneHostUnderTwoNamesIsRefused)
{
    target.host_facts.host_uuid = source.host_facts.host_uuid;
    EXPECT_THAT(errors(), ElementsAre("VMF-H001"));
}

TEST_F(HostsTest, HostWithoutUuidIsRefused)
{
    target.host_facts.host_uuid = "";
    EXPECT_EQ(severity("VMF-H001"), Severity::error);
    source.host_facts.host_uuid = "";
    EXPECT_EQ(severity("VMF-H001"), Severity::error);
}

TEST_F(HostsTest, LostConnectionIsRefused)
{
    target.is_alive = false;
    EXPECT_THAT(errors(), ElementsAre("VMF-H006"));
}

TEST_F(HostsTest, DifferentSecurityDriversAreAWarning)
{
    target.host_facts.security_model = "selinux";
    EXPECT_EQ(severity("VMF-H004"), Severity::warn);
    target.host_facts.security_model = "";
    EXPECT_THAT(finding("VMF-H004").message, HasSubstr("none"));
}

TEST_F(HostsTest, OlderEmulatorAtTheTargetIsRefused)
{
    target.host_facts.hypervisor_version = 7'001'999;
    EXPECT_THAT(errors(), ElementsAre("VMF-T001"));
    target.host_facts.hypervisor_version = 8'000'000;
    EXPECT_EQ(severity("VMF-T001"), Severity::ok);
    target.host_facts.hypervisor_version = 0;
    EXPECT_EQ(severity("VMF-T001"), Severity::error);
    source.host_facts.hypervisor_version = 0;
    EXPECT_EQ(severity("VMF-T001"), Severity::error);
}

TEST_F(HostsTest, OlderLibvirtIsAWarning)
{
    target.host_facts.libvirt_version = 8'009'000;
    EXPECT_EQ(severity("VMF-T002"), Severity::warn);
}

TEST_F(HostsTest, NetworksAndBridgesMustBeActiveAtTheTarget)
{
    add_nic(NicKind::network, "default");
    EXPECT_EQ(severity("VMF-N001"), Severity::error) << "absent";
    target.networks["default"] = Presence::inactive;
    EXPECT_EQ(finding("VMF-N001").remedy, "on kvm2: virsh net-start default");
    target.networks["default"] = Presence::active;
    EXPECT_EQ(severity("VMF-N001"), Severity::ok);
    target.bridges["br0"] = Presence::inactive;
    EXPECT_EQ(severity("VMF-N002"), Severity::error);
    target.bridges.clear();
    EXPECT_EQ(severity("VMF-N002"), Severity::error);
    EXPECT_EQ(finding("VMF-N002").subject, "bridge br0");
}

TEST_F(HostsTest, NetworkThatCannotBeSeenIsAWarningAndASilentHostAnError)
{
    target.bridges["br0"] = Presence::not_checkable;
    EXPECT_EQ(severity("VMF-N002"), Severity::warn);
    target.fail_call("bridge", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-N002"), Severity::warn);
    target.fail_call("bridge", ErrorKind::unreachable);
    EXPECT_EQ(severity("VMF-N002"), Severity::error);
}

TEST_F(HostsTest, FilterMustBeDefinedAtTheTarget)
{
    domain.nics[0].filter = "clean-traffic";
    EXPECT_EQ(severity("VMF-N004"), Severity::error);
    target.network_filters["clean-traffic"] = Presence::active;
    EXPECT_EQ(severity("VMF-N004"), Severity::ok);
}

TEST_F(HostsTest, InterfacesOfOtherKindsAreToldOrRefused)
{
    domain.nics[0].kind = NicKind::direct;
    EXPECT_EQ(severity("VMF-N003"), Severity::warn);
    domain.nics[0].kind = NicKind::ethernet;
    EXPECT_EQ(severity("VMF-N003"), Severity::warn);
    domain.nics[0].kind = NicKind::user;
    EXPECT_EQ(severity("VMF-N005"), Severity::warn);
    domain.nics[0].kind = NicKind::vhostuser;
    EXPECT_EQ(severity("VMF-N005"), Severity::error);
    domain.nics[0].kind = NicKind::other;
    EXPECT_EQ(severity("VMF-N005"), Severity::error);
}

TEST_F(HostsTest, WhatCannotBeSeenOfTheNetworkIsSaid)
{
    EXPECT_EQ(severity("VMF-N007"), Severity::info);
    EXPECT_EQ(severity("VMF-H005"), Severity::info);
    domain.nics.clear();
    EXPECT_TRUE(findings("VMF-N007").empty());
}

TEST_F(HostsTest, TargetThatCallsItselfLocalhostOrLikeTheSourceIsRefused)
{
    for (const char* name : {"localhost", "localhost.localdomain", "", "KVM1.example.org", "kvm1"}) {
        target.host_facts.hostname = name;
        EXPECT_THAT(errors(), ElementsAre("VMF-H002")) << name;
    }
    EXPECT_THAT(source.calls(), ::testing::Not(Contains(HasSubstr("resolve_from_here"))));
}

TEST_F(HostsTest, LoopbackAsMigrationAddressIsRefused)
{
    migrate_host = "127.0.0.1";
    EXPECT_EQ(severity("VMF-H002"), Severity::error);
}

TEST_F(HostsTest, NumericMigrationAddressNeedsNoName)
{
    migrate_host = "10.9.0.2";
    target.host_facts.hostname = "localhost";
    source.resolvable.clear();
    EXPECT_THAT(errors(), ElementsAre());
    EXPECT_THAT(source.calls(), ::testing::Not(Contains(HasSubstr("resolve_from_here"))));
}

TEST_F(HostsTest, NameThatTheSourceCannotResolveIsRefused)
{
    source.resolvable.clear();
    EXPECT_EQ(severity("VMF-H003"), Severity::error);
    migrate_host = "kvm2-migrate";
    EXPECT_THAT(finding("VMF-H003").message, HasSubstr("kvm2-migrate"));
    source.resolvable = {"kvm2-migrate"};
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
}

TEST_F(HostsTest, QuestionThatCannotBeAskedIsAWarningAndSilenceAnError)
{
    source.fail_call("resolve_from_here", ErrorKind::failed);
    EXPECT_EQ(severity("VMF-H003"), Severity::warn);
    source.fail_call("resolve_from_here", ErrorKind::unreachable);
    EXPECT_EQ(severity("VMF-H003"), Severity::error);
}

class ReachMemoryTest : public CheckTest {
protected:
    ReachMemoryTest()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "vmferry-reach-XXXXXX").string();
        m_root = ::mkdtemp(pattern.data());
        cache_directory = (m_root / "cache/hosts").string();
    }
    ~ReachMemoryTest() override { std::filesystem::remove_all(m_root); }
    long questions()
    {
        const auto calls = source.calls();
        return std::count_if(calls.begin(), calls.end(),
                             [](const std::string& call) { return call.starts_with("resolve_from_here"); });
    }
    std::filesystem::path m_root;
    const HostPair m_pair{"a", "b", "kvm2"};
    static constexpr int64_t k_day_ms = 86'400'000;
};

TEST_F(ReachMemoryTest, SuccessIsRememberedAndAskedOnce)
{
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    EXPECT_EQ(questions(), 1);
}

TEST_F(ReachMemoryTest, RefusalIsNotRemembered)
{
    source.resolvable.clear();
    EXPECT_EQ(severity("VMF-H003"), Severity::error);
    source.resolvable = {target.host_facts.hostname};
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    EXPECT_EQ(questions(), 2);
}

TEST_F(ReachMemoryTest, OtherHostOrOtherNameIsAskedAgain)
{
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    target.host_facts.host_uuid = "aaaaaaaa-0000-4000-8000-000000000003";
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    migrate_host = target.host_facts.hostname + "2";
    EXPECT_EQ(severity("VMF-H003"), Severity::error);
    EXPECT_EQ(questions(), 3);
}

TEST_F(ReachMemoryTest, MemoryEndsAfterADayAndKnowsNoFuture)
{
    remember_reach(cache_directory, m_pair, 1'000);
    EXPECT_TRUE(is_reach_remembered(cache_directory, m_pair, 1'000));
    EXPECT_TRUE(is_reach_remembered(cache_directory, m_pair, 1'000 + k_day_ms - 1));
    EXPECT_FALSE(is_reach_remembered(cache_directory, m_pair, 1'000 + k_day_ms));
    EXPECT_FALSE(is_reach_remembered(cache_directory, m_pair, 999));
}

TEST_F(ReachMemoryTest, DamagedFileIsAsIfItWereNotThere)
{
    remember_reach(cache_directory, m_pair, 1'000);
    const auto file = std::filesystem::directory_iterator(cache_directory)->path();
    const auto size = std::filesystem::file_size(file);
    for (std::uintmax_t cut = 0; cut + 1 < size; ++cut) {  // Only the newline may be missing.
        remember_reach(cache_directory, m_pair, 1'000);
        std::filesystem::resize_file(file, cut);
        EXPECT_FALSE(is_reach_remembered(cache_directory, m_pair, 1'000)) << cut;
    }
    for (const char* text : {"[]", "null", "{\"resolved_at_ms\":\"x\"}", "{\"resolved_at_ms\":1000}", "\xff"}) {
        std::ofstream(file, std::ios::trunc) << text;
        EXPECT_FALSE(is_reach_remembered(cache_directory, m_pair, 1'000)) << text;
    }
}

TEST_F(ReachMemoryTest, FileIsReplacedAndNoTemporaryStays)
{
    remember_reach(cache_directory, m_pair, 1'000);
    remember_reach(cache_directory, m_pair, 2'000);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(cache_directory), {}), 1);
    EXPECT_TRUE(is_reach_remembered(cache_directory, m_pair, 2'000 + k_day_ms - 1));
}

TEST_F(ReachMemoryTest, DirectoryThatCannotBeWrittenIsNoTrouble)
{
    cache_directory = "/proc/nothing/here";
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    EXPECT_EQ(severity("VMF-H003"), Severity::ok);
    EXPECT_EQ(questions(), 2);
}

}  // namespace
}  // namespace vmferry::checks
