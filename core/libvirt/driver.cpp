#include "core/libvirt/driver.hpp"

#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/migration.hpp"
#include "core/relay/endpoint.hpp"

namespace vmferry::libvirt {

namespace {

using relay::RelayEvent;
using world::MigrationEvent;

/// Called in the relay's thread.
void forward(EventQueue& events, RelayEvent event)
{
    switch (event) {
    case RelayEvent::finish_called: events.finish_called(); break;
    case RelayEvent::finish_waits: events.push(MigrationEvent::finishing); break;
    case RelayEvent::finish_held: events.push(MigrationEvent::held); break;
    case RelayEvent::finish_failed: events.push(MigrationEvent::finish_failed); break;
    case RelayEvent::target_closed:
    case RelayEvent::opaque: events.push(MigrationEvent::target_lost); break;
    case RelayEvent::released:
    case RelayEvent::dropped:
    case RelayEvent::client_closed: break;
    }
}

/// What libvirt says it is connected to: aliases of its configuration are resolved.
Result<std::string> uri_of(Connection& target)
{
    return target.ask(limits::k_question, "asking for the URI", [](virConnectPtr raw) -> Result<std::string> {
        char* text = virConnectGetURI(raw);
        if (text == nullptr) {
            return failed_call("the connection's URI cannot be read");
        }
        return take_string(text);
    });
}

}  // namespace

Line::Line(std::shared_ptr<Connection> source, std::shared_ptr<Connection> target)
    : m_source(std::move(source)), m_target(std::move(target)), m_events(std::make_shared<EventQueue>())
{
}

Line::~Line()
{
    if (!m_relay) {
        return;
    }
    m_events->expect_target_loss();
    m_tokens.clear();
    if (!m_target->alive()) {
        // An orderly close would wait for a dead peer.
        m_relay->drop();
    }
    m_driver.reset();
    m_relay.reset();
}

Result<std::shared_ptr<Line>> Line::open(std::shared_ptr<Connection> source, std::shared_ptr<Connection> target,
                                         world::Route route, Milliseconds limit)
{
    std::shared_ptr<Line> line(new Line(std::move(source), std::move(target)));
    if (auto connected = line->connect(route, limit); !connected) {
        return fail(
            std::move(connected).error().in("while opening the driver connection to " + line->m_target->label()));
    }
    return line;
}

Result<> Line::connect_relay(const Deadline& deadline)
{
    VMF_TRY_ASSIGN(const relay::Endpoint endpoint, relay::endpoint_of(m_target_uri));
    VMF_TRY_ASSIGN(m_relay,
                   relay::Relay::start(
                       endpoint, [events = m_events](RelayEvent event) { forward(*events, event); }, deadline.left()));
    auto driver =
        Connection::open(m_relay->client_uri(), m_target->label(), deadline.left(), Connection::Keepalive::off);
    if (!driver) {
        // The relay knows why the target's end did not work; libvirt only sees its end closed.
        auto reason = m_relay->failure();
        return fail(reason ? std::move(*reason) : std::move(driver).error());
    }
    m_driver = std::move(*driver);
    return {};
}

Result<> Line::connect(world::Route route, Milliseconds limit)
{
    const Deadline deadline(limit);
    VMF_TRY_ASSIGN(m_target_uri, uri_of(*m_target));
    if (route == world::Route::held) {
        VMF_TRY(connect_relay(deadline));
    } else if (route == world::Route::direct) {
        VMF_TRY_ASSIGN(m_driver, Connection::open(m_target_uri, m_target->label(), deadline.left()));
    }
    VMF_TRY_ASSIGN(m_source_uri, uri_of(*m_source));
    VMF_TRY_ASSIGN(m_caller, Connection::open(m_source_uri, m_source->label(), deadline.left()));
    listen();
    return {};
}

void Line::listen()
{
    const auto lost = [events = m_events](MigrationEvent event) { return [events, event] { events->push(event); }; };
    m_tokens.push_back(m_source->listen({lost(MigrationEvent::source_lost), {}}));
    m_tokens.push_back(m_caller->listen({lost(MigrationEvent::source_lost), {}}));
    m_tokens.push_back(m_target->listen({lost(MigrationEvent::target_lost), {}}));
    if (m_driver) {
        m_tokens.push_back(m_driver->listen({lost(MigrationEvent::target_lost), {}}));
    }
    // A connection that closed before it was listened to.
    for (const auto& [connection, event] :
         {std::pair{m_source, MigrationEvent::source_lost}, std::pair{m_caller, MigrationEvent::source_lost},
          std::pair{m_target, MigrationEvent::target_lost}}) {
        if (!connection->alive()) {
            m_events->push(event);
        }
    }
}

void Line::watch(const Uuid& vm, bool live)
{
    if (!live) {
        m_events->expect_no_stop();
    }
    m_tokens.push_back(m_source->listen({{}, [events = m_events, vm](const std::string& uuid, int event, int detail) {
                                             const bool by_it = detail == VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED ||
                                                                detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY;
                                             if (uuid == vm.str() && event == VIR_DOMAIN_EVENT_SUSPENDED && by_it) {
                                                 events->push(MigrationEvent::suspended);
                                             }
                                         }}));
    // By Finish, when it has saved that the domain is paused and complete.
    m_tokens.push_back(m_target->listen({{}, [events = m_events, vm](const std::string& uuid, int event, int detail) {
                                             if (uuid == vm.str() && event == VIR_DOMAIN_EVENT_SUSPENDED &&
                                                 detail == VIR_DOMAIN_EVENT_SUSPENDED_PAUSED) {
                                                 events->push(MigrationEvent::complete);
                                             }
                                         }}));
}

Result<> Line::prepare_fence(const Uuid& vm)
{
    VMF_TRY_ASSIGN(m_fence, Fence::prepare(m_source_uri, m_source->label(), vm));
    return {};
}

Result<std::unique_ptr<world::Migration>> LibvirtDriver::start(const world::MigrationRequest& request)
{
    if (!m_line) {
        return fail(ErrorKind::internal, "a driver starts one migration only");
    }
    return LibvirtMigration::start(std::move(m_line), request);
}

}  // namespace vmferry::libvirt
