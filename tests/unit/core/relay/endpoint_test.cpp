#include "core/relay/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/relay/uri.hpp"

namespace vmferry::relay::test {
namespace {

using testing::HasSubstr;

constexpr const char* k_system_socket = "/var/run/libvirt/libvirt-sock";

SshEndpoint ssh_to(const std::string& host)
{
    SshEndpoint ssh;
    ssh.host = host;
    ssh.socket_path = k_system_socket;
    return ssh;
}

SshEndpoint changed(SshEndpoint ssh, const std::function<void(SshEndpoint&)>& change)
{
    change(ssh);
    return ssh;
}

struct Good {
    const char* uri;
    Endpoint endpoint;
};

void PrintTo(const Good& good, std::ostream* out) { *out << good.uri; }

class GoodUri : public testing::TestWithParam<Good> {};

TEST_P(GoodUri, GivesTheEndpoint)
{
    const auto endpoint = endpoint_of(GetParam().uri);
    ASSERT_TRUE(endpoint) << endpoint.error().text();
    EXPECT_EQ(endpoint->transport, GetParam().endpoint.transport);
    EXPECT_EQ(endpoint->driver_uri, GetParam().endpoint.driver_uri);
}

INSTANTIATE_TEST_SUITE_P(
    Tcp, GoodUri,
    testing::Values(Good{"qemu+tcp://kvm2/system", {TcpEndpoint{"kvm2", "16509"}, "qemu:///system"}},
                    Good{"qemu+tcp://kvm2:5000/system", {TcpEndpoint{"kvm2", "5000"}, "qemu:///system"}},
                    Good{"qemu+tcp://kvm2:0/system", {TcpEndpoint{"kvm2", "16509"}, "qemu:///system"}},
                    Good{"qemu+tcp:///system", {TcpEndpoint{"localhost", "16509"}, "qemu:///system"}},
                    Good{"qemu+TCP://kvm2/session", {TcpEndpoint{"kvm2", "16509"}, "qemu:///session"}},
                    Good{"qemu+tcp://[2001:db8::1]/system", {TcpEndpoint{"2001:db8::1", "16509"}, "qemu:///system"}},
                    Good{"qemu+tcp://[fe80::1%25eth0]:7/system", {TcpEndpoint{"fe80::1%eth0", "7"}, "qemu:///system"}},
                    Good{"qemu+tcp://user@kvm2/system", {TcpEndpoint{"kvm2", "16509"}, "qemu:///system"}},
                    Good{"qemu+tcp://h%41/system", {TcpEndpoint{"hA", "16509"}, "qemu:///system"}},
                    Good{"qemu+tcp://h/system?name=qemu:///session", {TcpEndpoint{"h", "16509"}, "qemu:///session"}},
                    Good{"qemu+tcp://h/system?name=", {TcpEndpoint{"h", "16509"}, ""}},
                    Good{"qemu+tcp://h/system?Mode=direct&no_verify=1&a=b%20c%2Fd;e",
                         {TcpEndpoint{"h", "16509"}, "qemu:///system?a=b%20c%2Fd&e="}}));

INSTANTIATE_TEST_SUITE_P(
    Tls, GoodUri,
    testing::Values(Good{"qemu+tls://kvm2/system", {TlsEndpoint{"kvm2", "16514", "", false}, "qemu:///system"}},
                    Good{"qemu://kvm2/system", {TlsEndpoint{"kvm2", "16514", "", false}, "qemu:///system"}},
                    Good{"qemu+tls:///system", {TlsEndpoint{"localhost", "16514", "", false}, "qemu:///system"}},
                    Good{"qemu+tls://[::1]:7/system?pkipath=/a%20b&no_verify=1&no_sanity=1&x=y",
                         {TlsEndpoint{"::1", "7", "/a b", true}, "qemu:///system?x=y"}},
                    Good{"qemu+tls://h/system?no_verify=0", {TlsEndpoint{"h", "16514", "", false}, "qemu:///system"}}));

INSTANTIATE_TEST_SUITE_P(
    Unix, GoodUri,
    testing::Values(Good{"qemu:///system?socket=/a/b", {UnixEndpoint{"/a/b"}, "qemu:///system"}},
                    Good{"qemu+unix:///system?socket=/a%20b", {UnixEndpoint{"/a b"}, "qemu:///system"}},
                    Good{"qemu+unix:///system?SOCKET=/a&socket=/b", {UnixEndpoint{"/b"}, "qemu:///system"}},
                    Good{"qemu+unix:///system?mode=direct&socket=/a", {UnixEndpoint{"/a"}, "qemu:///system"}},
                    Good{"qemu+unix:///system?mode=legacy", {UnixEndpoint{k_system_socket}, "qemu:///system"}},
                    Good{"qemu+unix:///system?mode=direct",
                         {UnixEndpoint{"/var/run/libvirt/virtqemud-sock"}, "qemu:///system"}}));

INSTANTIATE_TEST_SUITE_P(
    Ssh, GoodUri,
    testing::Values(Good{"qemu+ssh://kvm2/system", {ssh_to("kvm2"), "qemu:///system"}},
                    Good{"qemu+ssh:///system", {ssh_to("localhost"), "qemu:///system"}},
                    Good{"qemu+ssh://u%40d@kvm2:2222/system",
                         {changed(ssh_to("kvm2"), [](auto& s) { s.user = "u@d", s.port = "2222"; }), "qemu:///system"}},
                    Good{"qemu+ssh://[2001:db8::1]:22/system",
                         {changed(ssh_to("2001:db8::1"), [](auto& s) { s.port = "22"; }), "qemu:///system"}},
                    Good{"qemu+ssh://h/system?keyfile=/k%20ey&no_tty=1&no_verify=1&command=/usr/bin/myssh",
                         {changed(ssh_to("h"),
                                  [](auto& s) {
                                      s.keyfile = "/k ey";
                                      s.no_tty = s.no_verify = true;
                                      s.command = "/usr/bin/myssh";
                                  }),
                          "qemu:///system"}},
                    Good{"qemu+ssh://h/system?no_tty=0&no_verify=0", {ssh_to("h"), "qemu:///system"}},
                    Good{"qemu+ssh://h/system?known_hosts=/k&known_hosts_verify=auto&sshauth=agent&authfile=/a",
                         {ssh_to("h"), "qemu:///system"}},
                    Good{"qemu+ssh://h/system?proxy=native&socket=/s",
                         {changed(ssh_to("h"), [](auto& s) { s.proxy = SshProxy::native, s.socket_path = "/s"; }),
                          "qemu:///system"}},
                    Good{"qemu+ssh://h/system?proxy=auto&socket=/s",
                         {changed(ssh_to("h"), [](auto& s) { s.socket_path = "/s"; }), "qemu:///system"}},
                    Good{"qemu+ssh://h/system?socket=/s",
                         {changed(ssh_to("h"), [](auto& s) { s.proxy = SshProxy::netcat, s.socket_path = "/s"; }),
                          "qemu:///system"}},
                    Good{"qemu+ssh://h/system?netcat=ncat&proxy=auto",
                         {changed(ssh_to("h"), [](auto& s) { s.proxy = SshProxy::netcat, s.netcat = "ncat"; }),
                          "qemu:///system"}},
                    Good{"qemu+ssh://h/system?proxy=netcat",
                         {changed(ssh_to("h"), [](auto& s) { s.proxy = SshProxy::netcat; }), "qemu:///system"}}));

struct Bad {
    const char* uri;
    const char* says;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.uri; }

class BadUri : public testing::TestWithParam<Bad> {};

TEST_P(BadUri, IsAUsageErrorThatSaysWhy)
{
    const auto endpoint = endpoint_of(GetParam().uri);
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().kind(), ErrorKind::usage);
    EXPECT_THAT(endpoint.error().text(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Endpoint, BadUri,
    testing::Values(Bad{"", "scheme"}, Bad{"kvm2", "scheme"}, Bad{"qemu", "scheme"}, Bad{"qemu:/system", "scheme"},
                    Bad{"://kvm2/system", "scheme"}, Bad{"qe mu:///system", "scheme"},
                    Bad{"xen:///system", "the driver 'xen'"}, Bad{"+ssh://h/system", "the driver ''"},
                    Bad{"test:///default", "the driver 'test'"}, Bad{"qemu+carrier://h/system", "'carrier'"},
                    Bad{"qemu+://h/system", "no transport ''"}, Bad{"qemu+ssh://h", "/system or /session"},
                    Bad{"qemu+ssh://h/", "/system or /session"}, Bad{"qemu+ssh://h/sys", "not '/sys'"},
                    Bad{"qemu+ssh://h//system", "/system or /session"}, Bad{"qemu+ssh://h:/system", "not a port"},
                    Bad{"qemu+ssh://h:22x/system", "'22x'"}, Bad{"qemu+ssh://h:-1/system", "'-1'"},
                    Bad{"qemu+ssh://h:65536/system", "'65536'"}, Bad{"qemu+ssh://h:1:2/system", "'1:2'"},
                    Bad{"qemu+ssh://::1/system", "port"}, Bad{"qemu+ssh://[::1/system", "[ADDRESS]"},
                    Bad{"qemu+ssh://[h]/system", "[ADDRESS]"}, Bad{"qemu+ssh://[::1]x/system", "'x'"},
                    Bad{"qemu+ssh://a@b@h/system", "%40"}, Bad{"qemu+ssh://u:geheim@h/system", "password"},
                    Bad{"qemu+ssh://h/system#x", "fragment"}, Bad{"qemu+ssh://h h/system", "space"},
                    Bad{"qemu+ssh://h/system?keyfile=%", "'%'"}, Bad{"qemu+ssh://h/system?keyfile=%4", "'%4'"},
                    Bad{"qemu+ssh://h/system?keyfile=%zz", "'%zz'"}, Bad{"qemu+ssh://h/system?keyfile=a%00b", "'%00'"},
                    Bad{"qemu+ssh://h/system?keyfile=%+1", "'%+1'"}, Bad{"qemu+ssh://h/system?no_tty=yes", "no_tty"},
                    Bad{"qemu+ssh://h/system?no_tty=", "no_tty"}, Bad{"qemu+ssh://h/system?no_verify=1x", "no_verify"},
                    Bad{"qemu+ssh://h/system?proxy=", "proxy"}, Bad{"qemu+ssh://h/system?proxy=AUTO", "'AUTO'"},
                    Bad{"qemu+ssh://h/system?proxy=native&netcat=nc", "netcat"},
                    Bad{"qemu+ssh://h/system?mode=direct", "mode=direct"},
                    Bad{"qemu+tls://h/system?no_verify=yes", "no_verify"},
                    Bad{"qemu+ssh://h/system?mode=best", "'best'"}, Bad{"qemu+unix://h/system", "host name"}));

TEST(Endpoint, TransportsThatCannotBeHeldAreNamedWithAWayOut)
{
    for (const char* uri : {"qemu+libssh://h/system", "qemu+libssh2://h/system", "qemu+ext:///system?command=x"}) {
        const auto endpoint = endpoint_of(uri);
        ASSERT_FALSE(endpoint) << uri;
        EXPECT_EQ(endpoint.error().kind(), ErrorKind::failed) << uri;
        EXPECT_THAT(endpoint.error().what(), HasSubstr("cannot hold the reply")) << uri;
        EXPECT_THAT(endpoint.error().next(), HasSubstr("qemu+ssh://")) << uri;
    }
}

TEST(Endpoint, PriorityOfAnotherTlsLibraryIsNotIgnored)
{
    const auto endpoint = endpoint_of("qemu+tls://h/system?tls_priority=SECURE256");
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().kind(), ErrorKind::failed);
    EXPECT_THAT(endpoint.error().what(), HasSubstr("tls_priority"));
}

TEST(Endpoint, NoErrorRepeatsAPassword)
{
    const auto endpoint = endpoint_of("qemu+ssh://u:geheim@h/system");
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().text().find("geheim"), std::string::npos);
}

TEST(Endpoint, LocalUriTakesTheDaemonThatIsThere)
{
    const bool modular = std::filesystem::exists("/var/run/libvirt/virtqemud-sock");
    const UnixEndpoint expected{modular ? "/var/run/libvirt/virtqemud-sock" : k_system_socket};
    EXPECT_EQ(std::get<UnixEndpoint>(endpoint_of("qemu:///system")->transport), expected);
}

TEST(Endpoint, DescriptionsNameTheWay)
{
    EXPECT_EQ(describe(*endpoint_of("qemu+tcp://kvm2/system")), "tcp kvm2:16509");
    EXPECT_EQ(describe(*endpoint_of("qemu+tcp://[::1]/system")), "tcp [::1]:16509");
    EXPECT_EQ(describe(*endpoint_of("qemu+tls://kvm2/system")), "tls kvm2:16514");
    EXPECT_EQ(describe(*endpoint_of("qemu+ssh://root@kvm2/system")), "ssh root@kvm2");
    EXPECT_EQ(describe(*endpoint_of("qemu+ssh://kvm2/system")), "ssh kvm2");
    EXPECT_EQ(describe(*endpoint_of("qemu:///system?socket=/a")), "unix /a");
}

TEST(Uri, EncodingKeepsTheUnreservedAndIsUndoneByParsing)
{
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("/a b?c&d=e%\xc3\xa9"), "%2Fa%20b%3Fc%26d%3De%25%C3%A9");
    std::string all;
    for (int c = 1; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    const auto uri = parse_uri("qemu:///system?x=" + percent_encode(all));
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->query.at(0).second, all);
}

}  // namespace
}  // namespace vmferry::relay::test
