#include "cli/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vmferry::cli {

namespace {

class ConfigTest : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(m_file); }

    std::string read(const std::string& text)
    {
        std::ofstream(m_file) << text;
        const auto done = read_config(m_file, m_config);
        return done ? "" : done.error().what().substr(m_file.size());
    }

    std::string m_file = testing::TempDir() + "vmferry-config-" + std::to_string(::getpid()) + ".toml";
    Config m_config;
};

}  // namespace

TEST_F(ConfigTest, ReadsWhatItKnows)
{
    EXPECT_EQ(read("schema = 1\n[defaults]\nconnect = 'kvm1'\ntimeout = '10m'\nmax_downtime = '250ms'\n"
                   "[precheck]\naccept = ['VMF-T005']\n[journal]\npath = '/j'\nlock_dir = '/l'\n"
                   "[host.kvm1]\nuri = 'qemu:///system'\nmigrate_host = '10.0.0.1'\n"),
              "");
    EXPECT_EQ(m_config.connect, "kvm1");
    EXPECT_EQ(m_config.defaults.timeout, Milliseconds(600000));
    EXPECT_EQ(m_config.defaults.max_downtime, Milliseconds(250));
    EXPECT_EQ(m_config.accept, std::vector<std::string>{"VMF-T005"});
    EXPECT_EQ(m_config.journal_path, "/j");
    EXPECT_EQ(m_config.lock_directory, "/l");
    EXPECT_EQ(m_config.hosts["kvm1"].migrate_host, "10.0.0.1");
}

TEST_F(ConfigTest, ProfilesAndDefaultsTakeTheSameKeys)
{
    EXPECT_EQ(read("[defaults]\nprofile = 'night'\nbwlimit = '1Gbit'\n[profile.night]\nmax_downtime = '500ms'\n"
                   "auto_converge = true\nparallel = 4\ntimeout = '1h'\nstall_timeout = '2m'\non_timeout = 'suspend'\n"
                   "postcopy = 'allow'\n"),
              "");
    EXPECT_EQ(m_config.profile, "night");
    EXPECT_EQ(m_config.defaults.bandwidth_bytes_per_s, 125'000'000U);
    const ProfileSettings& night = m_config.profiles["night"];
    EXPECT_EQ(night.max_downtime, Milliseconds(500));
    EXPECT_EQ(night.auto_converge, true);
    EXPECT_EQ(night.connections, 4);
    EXPECT_EQ(night.timeout, Milliseconds(3'600'000));
    EXPECT_EQ(night.stall_timeout, Milliseconds(120'000));
    EXPECT_EQ(night.on_timeout, model::OnTimeout::suspend);
    EXPECT_EQ(night.postcopy, model::PostCopy::allow);
    EXPECT_FALSE(night.bandwidth_bytes_per_s);
}

TEST_F(ConfigTest, MistakesInProfilesAreRefusedWithTheirPlace)
{
    EXPECT_EQ(read("[profile.night]\nauto_converge = 'yes'\n"), ":2:17: 'auto_converge' expects true or false");
    EXPECT_EQ(read("[profile.night]\nparallel = 0\n"), ":2:12: 'parallel' expects a number from 1 to 255");
    EXPECT_EQ(read("[profile.night]\nparalel = 2\n"),
              ":2:1: unknown key 'paralel' in [profile.night]; did you mean 'parallel'?");
    EXPECT_EQ(read("[profile]\nnight = 1\n"), ":2:9: a profile is a table: write [profile.night]");
    EXPECT_NE(read("[profile.night]\nbwlimit = '100'\n"), "");
}

TEST_F(ConfigTest, ALaterFileAddsAndReplaces)
{
    ASSERT_EQ(read("[host.kvm1]\nuri = 'qemu+ssh://a/system'\n[precheck]\naccept = ['A', 'B']\n"), "");
    ASSERT_EQ(
        read("[host.kvm1]\nmigrate_host = 'm'\n[host.kvm2]\nuri = 'qemu+ssh://b/system'\n[precheck]\naccept = ['C']\n"),
        "");
    EXPECT_EQ(m_config.hosts["kvm1"].uri, "qemu+ssh://a/system");
    EXPECT_EQ(m_config.hosts["kvm1"].migrate_host, "m");
    EXPECT_EQ(m_config.host_names(), (std::vector<std::string>{"kvm1", "kvm2"}));
    EXPECT_EQ(m_config.accept, std::vector<std::string>{"C"});
}

TEST_F(ConfigTest, MistakesAreRefusedWithTheirPlace)
{
    EXPECT_EQ(read("[host.kvm1]\nurl = 'qemu:///system'\n"),
              ":2:1: unknown key 'url' in [host.kvm1]; did you mean 'uri'?");
    EXPECT_EQ(read("scheme = 1\n"), ":1:1: unknown key 'scheme'; did you mean 'schema'?");
    EXPECT_EQ(read("schema = '1'\n").substr(0, 6), ":1:10:");
    EXPECT_EQ(read("[defaults]\nconnect = ''\n"), ":2:11: 'connect' expects a text in quotes");
    EXPECT_EQ(read("journal = 3\n"), ":1:11: 'journal' is a table: write [journal]");
    EXPECT_EQ(read("[host]\nkvm1 = 'qemu:///system'\n"), ":2:8: a host is a table: write [host.kvm1]");
    EXPECT_NE(read("[defaults\n"), "");
}

}  // namespace vmferry::cli
