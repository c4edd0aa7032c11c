// A daemon and a libvirt client of a few lines, and a relay between them.

#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/handle.hpp"
#include "core/relay/relay.hpp"
#include "tests/unit/core/relay/wire.hpp"

namespace vmferry::relay::test {

/// Long enough for a loaded machine; no test waits that long when all is well.
constexpr Milliseconds k_patience{20000};

/// A blocking stream socket with limits.
class Peer {
public:
    Peer() = default;
    explicit Peer(Fd socket);

    void send(const Wire& wire);
    /// Exactly `count` bytes, or fewer when the stream ends or patience does.
    [[nodiscard]] Wire receive(size_t count);
    /// True when the stream has ended, after at most `k_patience`.
    [[nodiscard]] bool at_end();
    /// True when nothing arrives for a moment.
    [[nodiscard]] bool silent();
    void close() { m_socket.reset(); }
    [[nodiscard]] int fd() const { return m_socket.get(); }

private:
    Fd m_socket;
};

/// A listening unix socket in a directory of its own.
class FakeDaemon {
public:
    FakeDaemon();
    ~FakeDaemon();
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] Endpoint endpoint() const { return {UnixEndpoint{m_path}, "qemu:///system"}; }
    [[nodiscard]] Peer accept();

private:
    std::string m_directory;
    std::string m_path;
    Fd m_socket;
};

/// What the relay said, in order.
class EventLog {
public:
    void add(RelayEvent event);
    /// False when patience ends first.
    [[nodiscard]] bool wait_for(RelayEvent event);
    [[nodiscard]] std::vector<RelayEvent> all() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<RelayEvent> m_events;
};

[[nodiscard]] std::string socket_of(const Relay& relay);
[[nodiscard]] Peer connect_client(const Relay& relay);
/// Waits until `condition` holds; false when patience ends first.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// Client, relay and daemon, connected.
class RelayTest : public testing::Test {
protected:
    void SetUp() override { open(); }
    void open();
    /// Up to the call of Finish, which is with the daemon then.
    void open_dialogue();
    /// Up to the held reply.
    void hold();

    EventLog events;
    FakeDaemon listener;
    std::unique_ptr<Relay> relay;
    Peer daemon;
    Peer client;
};

}  // namespace vmferry::relay::test
