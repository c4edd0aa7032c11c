#include "core/relay/connect.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <system_error>

#include "core/relay/ssh_command.hpp"
#include "core/relay/tcp.hpp"
#include "core/relay/tls_channel.hpp"
#include "core/relay/unix_address.hpp"

namespace vmferry::relay {

namespace {

Result<Fd> connect_unix(const UnixEndpoint& local, Milliseconds limit)
{
    VMF_TRY_ASSIGN(const sockaddr_un address, unix_address(local.path));
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int error =
        socket ? connect_within(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address, limit)
               : errno;
    if (error == EACCES || error == EPERM) {
        return fail(ErrorKind::denied, fmt::format("no permission for the socket {}", local.path));
    }
    if (error != 0) {
        return fail(Error(ErrorKind::unreachable, fmt::format("no answer at the socket {}", local.path))
                        .with_cause(std::generic_category().message(error)));
    }
    return socket;
}

struct Connector {
    Result<Connection> operator()(const TcpEndpoint& tcp) const
    {
        VMF_TRY_ASSIGN(Fd socket, connect_tcp(tcp, limit));
        return Connection{nullptr, std::make_unique<SocketChannel>(std::move(socket))};
    }
    Result<Connection> operator()(const TlsEndpoint& tls) const
    {
        const Deadline deadline(limit);
        VMF_TRY_ASSIGN(Fd socket, connect_tcp({tls.host, tls.port}, limit));
        auto below = std::make_unique<SocketChannel>(std::move(socket));
        auto channel = TlsChannel::open(std::move(below), tls, deadline.left());
        if (!channel) {
            return fail(std::move(channel).error().in("while connecting to " + describe(endpoint)));
        }
        return Connection{nullptr, std::move(*channel)};
    }
    Result<Connection> operator()(const UnixEndpoint& local) const
    {
        VMF_TRY_ASSIGN(Fd socket, connect_unix(local, limit));
        return Connection{nullptr, std::make_unique<SocketChannel>(std::move(socket))};
    }
    Result<Connection> operator()(const SshEndpoint& ssh) const
    {
        VMF_TRY_ASSIGN(Child child, Child::spawn(ssh_command(ssh, endpoint.driver_uri)));
        auto channel = std::make_unique<SocketChannel>(child.take_stream());
        return Connection{std::make_unique<Child>(std::move(child)), std::move(channel)};
    }

    const Endpoint& endpoint;
    Milliseconds limit;
};

}  // namespace

Result<Connection> connect_to(const Endpoint& endpoint, Milliseconds limit)
{
    return std::visit(Connector{endpoint, limit}, endpoint.transport);
}

}  // namespace vmferry::relay
