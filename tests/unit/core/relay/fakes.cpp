#include "tests/unit/core/relay/fakes.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "core/relay/unix_address.hpp"

namespace vmferry::relay::test {

namespace {

constexpr int k_moment_ms = 60;

bool readable(int fd, Milliseconds limit)
{
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
}

Fd unix_socket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace

Peer::Peer(Fd socket) : m_socket(std::move(socket)) {}

void Peer::send(const Wire& wire)
{
    size_t sent = 0;
    while (sent < wire.size()) {
        const ssize_t count = ::send(m_socket.get(), wire.data() + sent, wire.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            return;
        }
        sent += static_cast<size_t>(count);
    }
}

Wire Peer::receive(size_t count)
{
    Wire wire;
    while (wire.size() < count && readable(m_socket.get(), k_patience)) {
        std::byte piece[65536];
        const ssize_t got = ::recv(m_socket.get(), piece, std::min(sizeof piece, count - wire.size()), 0);
        if (got <= 0) {
            break;
        }
        wire.insert(wire.end(), piece, piece + got);
    }
    return wire;
}

bool Peer::at_end()
{
    std::byte byte{};
    return readable(m_socket.get(), k_patience) && ::recv(m_socket.get(), &byte, 1, 0) <= 0;
}

bool Peer::silent() { return !readable(m_socket.get(), Milliseconds(k_moment_ms)); }

FakeDaemon::FakeDaemon() : m_directory("/tmp/relay-test-XXXXXX"), m_socket(unix_socket())
{
    EXPECT_NE(::mkdtemp(m_directory.data()), nullptr);
    m_path = m_directory + "/daemon";
    const sockaddr_un address = unix_address(m_path).value();
    EXPECT_EQ(::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(m_socket.get(), 4), 0);
}

FakeDaemon::~FakeDaemon()
{
    ::unlink(m_path.c_str());
    ::rmdir(m_directory.c_str());
}

Peer FakeDaemon::accept()
{
    return readable(m_socket.get(), k_patience) ? Peer(Fd(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC)))
                                                : Peer();
}

void EventLog::add(RelayEvent event)
{
    const std::lock_guard lock(m_mutex);
    m_events.push_back(event);
    m_changed.notify_all();
}

bool EventLog::wait_for(RelayEvent event)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, k_patience,
                              [&] { return std::find(m_events.begin(), m_events.end(), event) != m_events.end(); });
}

std::vector<RelayEvent> EventLog::all() const
{
    const std::lock_guard lock(m_mutex);
    return m_events;
}

std::string socket_of(const Relay& relay)
{
    return std::get<UnixEndpoint>(endpoint_of(relay.client_uri()).value().transport).path;
}

Peer connect_client(const Relay& relay)
{
    Fd socket = unix_socket();
    const sockaddr_un address = unix_address(socket_of(relay)).value();
    const int connected = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return connected == 0 ? Peer(std::move(socket)) : Peer();
}

bool eventually(const std::function<bool()>& condition)
{
    const Deadline deadline(k_patience);
    while (!condition()) {
        if (deadline.over()) {
            return false;
        }
        std::this_thread::sleep_for(Milliseconds(2));
    }
    return true;
}

void RelayTest::open()
{
    auto started = Relay::start(listener.endpoint(), [this](RelayEvent event) { events.add(event); });
    ASSERT_TRUE(started) << started.error().text();
    relay = std::move(started).value();
    daemon = listener.accept();
    client = connect_client(*relay);
    ASSERT_GE(client.fd(), 0);
}

void RelayTest::open_dialogue()
{
    client.send(client_opening());
    ASSERT_EQ(daemon.receive(client_opening().size()), client_opening());
    daemon.send(target_opening());
    ASSERT_EQ(client.receive(target_opening().size()), target_opening());
    client.send(finish_call());
    ASSERT_EQ(daemon.receive(finish_call().size()), finish_call());
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_called));
}

void RelayTest::hold()
{
    open_dialogue();
    daemon.send(finish_reply());
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
}

}  // namespace vmferry::relay::test
