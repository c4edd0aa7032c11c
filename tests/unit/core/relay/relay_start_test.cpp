// How a relay begins: the private socket, who may use it, and end-points that do not answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "core/relay/unix_address.hpp"
#include "tests/unit/core/relay/fakes.hpp"

namespace vmferry::relay::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void ignore(RelayEvent /*event*/) {}

class RelayStart : public testing::Test {
protected:
    FakeDaemon listener;
};

/// Tries to connect and to talk from another process; its exit status is 0 when it was turned away. The relay has a
/// thread: after the fork that process makes system calls and takes no memory.
int stranger_is_turned_away(const Relay& relay)
{
    const sockaddr_un address = unix_address(socket_of(relay)).value();
    const Wire opening = client_opening();
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int stranger = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ::connect(stranger, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::send(stranger, opening.data(), opening.size(), MSG_NOSIGNAL);
        pollfd answer{stranger, POLLIN, 0};
        ::poll(&answer, 1, static_cast<int>(k_patience.count()));
        char byte = 0;
        ::_exit(answer.revents != 0 && ::recv(stranger, &byte, 1, 0) <= 0 ? 0 : 1);
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    return status;
}

TEST_F(RelayStart, SocketIsPrivate)
{
    auto relay = Relay::start(listener.endpoint(), ignore).value();
    struct stat socket {};
    struct stat directory {};
    const std::filesystem::path path = socket_of(*relay);
    ASSERT_EQ(::stat(path.c_str(), &socket), 0);
    ASSERT_EQ(::stat(path.parent_path().c_str(), &directory), 0);
    EXPECT_EQ(socket.st_mode & 0777, 0600u);
    EXPECT_EQ(directory.st_mode & 0777, 0700u);
}

TEST_F(RelayStart, NothingIsLeftInTheFileSystemOnceTheClientHasCome)
{
    auto relay = Relay::start(listener.endpoint(), ignore).value();
    const std::filesystem::path directory = std::filesystem::path(socket_of(*relay)).parent_path();
    const Peer client = connect_client(*relay);
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(directory); }));
    EXPECT_TRUE(relay->stats().client_connected);
}

TEST_F(RelayStart, NothingIsLeftInTheFileSystemWhenNoClientComes)
{
    auto relay = Relay::start(listener.endpoint(), ignore).value();
    const std::filesystem::path directory = std::filesystem::path(socket_of(*relay)).parent_path();
    relay.reset();
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(RelayStart, AnotherProcessIsTurnedAwayAndWeStillGetIn)
{
    auto relay = Relay::start(listener.endpoint(), ignore).value();
    Peer daemon = listener.accept();
    EXPECT_EQ(stranger_is_turned_away(*relay), 0);
    Peer client = connect_client(*relay);
    client.send(ping());
    EXPECT_EQ(daemon.receive(ping().size()), ping());
}

TEST_F(RelayStart, OnlyOneClientIsServed)
{
    auto relay = Relay::start(listener.endpoint(), ignore).value();
    const Peer first = connect_client(*relay);
    ASSERT_TRUE(eventually([&] { return relay->stats().client_connected; }));
    EXPECT_LT(connect_client(*relay).fd(), 0);
}

TEST_F(RelayStart, ClientUriAsksForTheSameDriver)
{
    Endpoint endpoint = listener.endpoint();
    endpoint.driver_uri = "qemu:///system?x=a%20b";
    auto relay = Relay::start(endpoint, ignore).value();
    EXPECT_THAT(relay->client_uri(), StartsWith("qemu+unix:///system?socket=%2F"));
    EXPECT_EQ(endpoint_of(relay->client_uri())->driver_uri, endpoint.driver_uri);
}

TEST_F(RelayStart, MissingSocketIsUnreachable)
{
    const auto relay = Relay::start({UnixEndpoint{"/nonexistent/socket"}, "qemu:///system"}, ignore);
    ASSERT_FALSE(relay);
    EXPECT_EQ(relay.error().kind(), ErrorKind::unreachable);
    EXPECT_THAT(relay.error().text(), HasSubstr("/nonexistent/socket"));
}

TEST_F(RelayStart, OverlongSocketPathIsAUsageError)
{
    const auto relay = Relay::start({UnixEndpoint{"/" + std::string(200, 'x')}, ""}, ignore);
    ASSERT_FALSE(relay);
    EXPECT_EQ(relay.error().kind(), ErrorKind::usage);
}

TEST_F(RelayStart, RefusedTcpIsUnreachable)
{
    const auto relay = Relay::start({TcpEndpoint{"127.0.0.1", "1"}, "qemu:///system"}, ignore);
    ASSERT_FALSE(relay);
    EXPECT_EQ(relay.error().kind(), ErrorKind::unreachable);
    EXPECT_THAT(relay.error().text(), HasSubstr("127.0.0.1:1"));
}

TEST_F(RelayStart, UnknownHostIsUnreachableAndNamed)
{
    const auto relay = Relay::start({TcpEndpoint{"no-such-host.invalid", "16509"}, ""}, ignore);
    ASSERT_FALSE(relay);
    EXPECT_EQ(relay.error().kind(), ErrorKind::unreachable);
    EXPECT_THAT(relay.error().text(), HasSubstr("no-such-host.invalid"));
}

/// A TCP listener on loopback; with `backlog` full when asked for, so that connects hang.
Fd tcp_listener(std::string& port)
{
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(socket.get(), 0), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port = std::to_string(ntohs(address.sin_port));
    return socket;
}

TEST_F(RelayStart, TcpCarriesTheDialogue)
{
    std::string port;
    const Fd socket = tcp_listener(port);
    auto relay = Relay::start({TcpEndpoint{"localhost", port}, "qemu:///system"}, ignore);
    ASSERT_TRUE(relay) << relay.error().text();
    Peer daemon(Fd(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    Peer client = connect_client(**relay);
    client.send(client_opening());
    EXPECT_EQ(daemon.receive(client_opening().size()), client_opening());
    daemon.send(target_opening());
    EXPECT_EQ(client.receive(target_opening().size()), target_opening());
}

TEST_F(RelayStart, SilentTcpHostIsGivenUpAtTheLimit)
{
    std::string port;
    const Fd socket = tcp_listener(port);
    std::vector<std::unique_ptr<Relay>> fillers;
    const auto begin = Monotonic::now();
    for (int i = 0; i < 8; ++i) {
        auto relay = Relay::start({TcpEndpoint{"127.0.0.1", port}, ""}, ignore, Milliseconds(300));
        if (!relay) {
            EXPECT_EQ(relay.error().kind(), ErrorKind::unreachable);
            EXPECT_LT(Monotonic::now() - begin, k_patience);
            return;
        }
        fillers.push_back(std::move(relay).value());
    }
    FAIL() << "the backlog never filled";
}

}  // namespace
}  // namespace vmferry::relay::test
