// The expected words were recorded from libvirt 9.0.0 of Debian 12, with a script as `command`.

#include "core/relay/ssh_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmferry::relay::test {
namespace {

using testing::ElementsAre;

#define AUTO_SCRIPT(uri)                                                                                               \
    "sh -c 'which virt-ssh-helper 1>/dev/null 2>&1; if test $? = 0; then     virt-ssh-helper " uri                     \
    "; else    if 'nc' -q 2>&1 | grep \"requires an argument\" >/dev/null 2>&1; then ARG=-q0;else "                    \
    "ARG=;fi;'nc' $ARG -U /var/run/libvirt/libvirt-sock; fi'"
#define NETCAT_SCRIPT(netcat, socket)                                                                                  \
    "sh -c 'if " netcat " -q 2>&1 | grep \"requires an argument\" >/dev/null 2>&1; then ARG=-q0;else "                 \
    "ARG=;fi;" netcat " $ARG -U " socket "'"

std::vector<std::string> command_for(const std::string& uri)
{
    const auto endpoint = endpoint_of(uri);
    EXPECT_TRUE(endpoint) << uri;
    return ssh_command(std::get<SshEndpoint>(endpoint->transport), endpoint->driver_uri);
}

std::string script_for(const std::string& uri) { return command_for(uri).back(); }

TEST(SshCommand, PlainHost)
{
    EXPECT_THAT(command_for("qemu+ssh://host.x/system"),
                ElementsAre("ssh", "-T", "-e", "none", "--", "host.x", AUTO_SCRIPT("'qemu:///system'")));
}

TEST(SshCommand, EveryOption)
{
    EXPECT_THAT(command_for("qemu+ssh://bob@host.x:2222/system?keyfile=/k%20ey&no_tty=1&no_verify=1&command=/my/ssh"),
                ElementsAre("/my/ssh", "-p", "2222", "-l", "bob", "-i", "/k ey", "-T", "-e", "none", "-o",
                            "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "--", "host.x",
                            AUTO_SCRIPT("'qemu:///system'")));
}

TEST(SshCommand, AddressOfVersionSixHasNoBrackets)
{
    EXPECT_EQ(command_for("qemu+ssh://[2001:db8::1]/system").at(5), "2001:db8::1");
}

TEST(SshCommand, HostThatLooksLikeAnOptionStaysAHost)
{
    const auto words = command_for("qemu+ssh://-oProxyCommand=x/system");
    EXPECT_EQ(words.at(4), "--");
    EXPECT_EQ(words.at(5), "-oProxyCommand=x");
}

TEST(SshCommand, ProxyModes)
{
    EXPECT_EQ(script_for("qemu+ssh://h/system?proxy=native"), "sh -c 'virt-ssh-helper 'qemu:///system''");
    EXPECT_EQ(script_for("qemu+ssh://h/system?proxy=netcat"), NETCAT_SCRIPT("'nc'", "/var/run/libvirt/libvirt-sock"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?socket=/x/y"), NETCAT_SCRIPT("'nc'", "/x/y"));
    EXPECT_EQ(script_for("qemu+ssh://h/session?proxy=native"), "sh -c 'virt-ssh-helper 'qemu:///session''");
}

TEST(SshCommand, NetcatIsQuotedForBothShells)
{
    EXPECT_EQ(script_for("qemu+ssh://h/system?netcat=ncat"), NETCAT_SCRIPT("'ncat'", "/var/run/libvirt/libvirt-sock"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?netcat=/opt/my%20nc"),
              NETCAT_SCRIPT("'''\\''/opt/my nc'\\''''", "/var/run/libvirt/libvirt-sock"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?netcat=a%27b"),
              NETCAT_SCRIPT("'''\\''a'\\''\\'\\'''\\''b'\\''''", "/var/run/libvirt/libvirt-sock"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?netcat="),
              NETCAT_SCRIPT("'''\\'''\\''''", "/var/run/libvirt/libvirt-sock"));
}

TEST(SshCommand, DriverUriIsQuotedForBothShells)
{
    EXPECT_EQ(script_for("qemu+ssh://h/system?foo=b%20r&zed"),
              AUTO_SCRIPT("'''\\''qemu:///system?foo=b%20r&zed='\\''''"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?name=a%20b"), AUTO_SCRIPT("'''\\''a b'\\''''"));
    EXPECT_EQ(script_for("qemu+ssh://h/system?name="), AUTO_SCRIPT("'''\\'''\\''''"));
}

}  // namespace
}  // namespace vmferry::relay::test
