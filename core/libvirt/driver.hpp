// The driver connection: libvirt's client talks to the target through our relay, which holds the reply
// of Finish, or straight to it. Used by the migrate call and by nothing else.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/libvirt/event_queue.hpp"
#include "core/libvirt/fence.hpp"
#include "core/relay/relay.hpp"
#include "core/world/world.hpp"

namespace vmferry::libvirt {

/// What one migrate call needs. Shared between who waits and the thread of the call: it lives until
/// both are done with it.
///
/// - Behind the relay the driver connection has no keepalive of ours: given up by libvirt itself while the reply
///   is held, it would resume the source at a moment that is not ours to choose. Without the relay it has, and
///   libvirt decides that.
/// - The call has a connection to the source of its own. In libvirt's client the thread of a call serves the
///   connection for all threads; in 9.0 a request of another one may wait, as long as this call lasts, until
///   something arrives that wakes it up. Statistics and the abort of the job must not wait for that.
class Line {
public:
    /// Relay and connection, open. Kind `failed` for a transport whose reply cannot be held.
    [[nodiscard]] static Result<std::shared_ptr<Line>> open(std::shared_ptr<Connection> source,
                                                            std::shared_ptr<Connection> target, world::Route route,
                                                            Milliseconds limit);
    /// Closes the connection while the relay still serves it. Not while a held reply is undecided.
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// For questions and acts.
    [[nodiscard]] Connection& source() const { return *m_source; }
    /// For the migrate call alone.
    [[nodiscard]] Connection& caller() const { return *m_caller; }
    [[nodiscard]] Connection& target() const { return *m_target; }
    /// Null when the source's daemon drives.
    [[nodiscard]] Connection* driver() const { return m_driver.get(); }
    /// Null when the reply is not held.
    [[nodiscard]] relay::Relay* relay() const { return m_relay.get(); }
    /// Of the target, with aliases resolved: the source's daemon does not know the client's.
    [[nodiscard]] const std::string& target_uri() const { return m_target_uri; }
    [[nodiscard]] EventQueue& events() const { return *m_events; }

    /// Reports the stop of this domain on the source as `suspended`, the end of its load at the target as
    /// `complete`. `live`: it runs now.
    void watch(const Uuid& vm, bool live);
    /// Opens what a fence needs.
    [[nodiscard]] Result<> prepare_fence(const Uuid& vm);
    /// Null where none was prepared.
    [[nodiscard]] Fence* fence() const { return m_fence.get(); }

private:
    Line(std::shared_ptr<Connection> source, std::shared_ptr<Connection> target);
    [[nodiscard]] Result<> connect(world::Route route, Milliseconds limit);
    [[nodiscard]] Result<> connect_relay(const Deadline& deadline);
    void listen();

    std::shared_ptr<Connection> m_source;
    std::shared_ptr<Connection> m_target;
    std::shared_ptr<EventQueue> m_events;
    std::shared_ptr<Connection> m_caller;
    std::string m_source_uri;
    std::string m_target_uri;
    std::unique_ptr<relay::Relay> m_relay;
    std::shared_ptr<Connection> m_driver;
    std::vector<Connection::Token> m_tokens;
    std::shared_ptr<Fence> m_fence;
};

class LibvirtDriver : public world::Hypervisor::Driver {
public:
    explicit LibvirtDriver(std::shared_ptr<Line> line) : m_line(std::move(line)) {}

    [[nodiscard]] Result<std::unique_ptr<world::Migration>> start(const world::MigrationRequest& request) override;

private:
    std::shared_ptr<Line> m_line;
};

}  // namespace vmferry::libvirt
