#include "core/relay/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "core/base/assert.hpp"

namespace vmferry::relay {

namespace {

Channel::Outcome outcome_of(ssize_t count)
{
    if (count > 0) {
        return {Channel::Status::moved, static_cast<size_t>(count)};
    }
    if (count == 0) {
        return {Channel::Status::ended};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return {Channel::Status::waiting};
    }
    return {Channel::Status::ended, 0, std::generic_category().message(errno)};
}

}  // namespace

SocketChannel::SocketChannel(Fd socket) : m_socket(std::move(socket))
{
    const int flags = ::fcntl(m_socket.get(), F_GETFL);
    VMF_ASSERT(flags >= 0);
    VMF_ASSERT(::fcntl(m_socket.get(), F_SETFL, flags | O_NONBLOCK) == 0);
}

Channel::Outcome SocketChannel::read(std::span<std::byte> into)
{
    ssize_t count = 0;
    do {
        count = ::recv(m_socket.get(), into.data(), into.size(), 0);
    } while (count < 0 && errno == EINTR);
    return outcome_of(count);
}

Channel::Outcome SocketChannel::write(Bytes bytes)
{
    ssize_t count = 0;
    do {
        count = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    return outcome_of(count);
}

short SocketChannel::events(bool reading, bool writing) const
{
    return static_cast<short>((reading ? POLLIN : 0) | (writing ? POLLOUT : 0));
}

void SocketChannel::end() { ::shutdown(m_socket.get(), SHUT_RDWR); }

}  // namespace vmferry::relay
