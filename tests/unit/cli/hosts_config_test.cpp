#include "cli/hosts_config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace vmferry::cli {

namespace {

Config with_hosts()
{
    Config config;
    config.hosts["kvm1"] = {"qemu+ssh://root@kvm1/system", "10.9.0.1"};
    config.hosts["kvm2"] = {"qemu+tls://kvm2/system", ""};
    return config;
}

}  // namespace

TEST(HostsConfigTest, TheConfigurationWinsOverEverythingElse)
{
    const auto address = host_address(with_hosts(), "kvm1");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->label, "kvm1");
    EXPECT_EQ(address->uri, "qemu+ssh://root@kvm1/system");
    EXPECT_EQ(address->migrate_host, "10.9.0.1");
}

TEST(HostsConfigTest, AUriGoesUnchangedAndIsShownWithoutItsSecrets)
{
    const std::string uri = "qemu+tcp://root:hunter2@kvm7/system";
    const auto address = host_address(with_hosts(), uri);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->uri, uri);
    EXPECT_EQ(address->label.find("hunter2"), std::string::npos);
}

TEST(HostsConfigTest, AWordMayBeAnAliasOfLibvirt)
{
    const auto address = host_address(with_hosts(), "far");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->uri, "far");
    const Error error = as_unknown_host(with_hosts(), *address, Error(ErrorKind::usage, "no driver"));
    EXPECT_EQ(error.kind(), ErrorKind::unknown_host);
    EXPECT_NE(error.what().find("kvm1, kvm2"), std::string::npos);
}

TEST(HostsConfigTest, AnErrorThatIsNotAboutTheNameIsLeftAlone)
{
    const model::HostAddress alias{"far", "far", ""};
    EXPECT_EQ(as_unknown_host({}, alias, Error(ErrorKind::unreachable, "cut")).kind(), ErrorKind::unreachable);
    const model::HostAddress uri{"x://y", "x://y", ""};
    EXPECT_EQ(as_unknown_host({}, uri, Error(ErrorKind::usage, "no driver")).kind(), ErrorKind::usage);
}

TEST(HostsConfigTest, MalformedUrisAreRefusedBeforeAnythingIsOpened)
{
    for (const char* bad : {"", "-x", "qemu+ssh:/kvm2/system", "qemu://", "://kvm2", "qemu+ssh://kvm2:22x/system",
                            "qemu+ssh://kvm2:/system", "qemu+tcp://kvm2:99999/system", "qemu+ssh://kvm 2/system",
                            "kvm2/system", "1qemu://kvm2/"}) {
        const auto address = host_address({}, bad);
        ASSERT_FALSE(address) << bad;
        EXPECT_EQ(address.error().kind(), ErrorKind::usage) << bad;
    }
    for (const char* good : {"qemu:///system", "qemu+ssh://root@kvm2:2222/system?keyfile=/k", "qemu+tcp://[::1]/system",
                             "qemu+tcp://[::1]:16509/system", "test:///default"}) {
        EXPECT_TRUE(host_address({}, good)) << good;
    }
}

TEST(HostsConfigTest, RecoveryAsksTheConfigurationAgainAndFallsBackToTheJournal)
{
    EXPECT_EQ(recorded_address(with_hosts(), "kvm1", "old")->uri, "qemu+ssh://root@kvm1/system");
    EXPECT_EQ(recorded_address({}, "kvm1", "qemu+ssh://root@kvm1/system")->uri, "qemu+ssh://root@kvm1/system");
    const auto incomplete = recorded_address({}, "kvm1", "qemu+tcp://root:***@kvm1/system");
    ASSERT_FALSE(incomplete);
    EXPECT_EQ(incomplete.error().kind(), ErrorKind::unknown_host);
}

TEST(HostsConfigTest, TheSourceIsTakenFromTheStrongestPlaceThatNamesOne)
{
    ::unsetenv("VMFERRY_CONNECT");
    ::unsetenv("LIBVIRT_DEFAULT_URI");
    Config config = with_hosts();
    EXPECT_EQ(source_address(config, "")->uri, "");
    config.connect = "kvm1";
    EXPECT_EQ(source_address(config, "")->label, "kvm1");
    ::setenv("LIBVIRT_DEFAULT_URI", "test:///default", 1);
    EXPECT_EQ(source_address(config, "")->uri, "test:///default");
    ::setenv("VMFERRY_CONNECT", "kvm2", 1);
    EXPECT_EQ(source_address(config, "")->label, "kvm2");
    EXPECT_EQ(source_address(config, "kvm1")->label, "kvm1");
    ::unsetenv("VMFERRY_CONNECT");
    ::unsetenv("LIBVIRT_DEFAULT_URI");
}

}  // namespace vmferry::cli
