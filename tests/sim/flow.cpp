#include "tests/sim/flow.hpp"

#include <utility>

namespace vmferry::sim {

using world::MigrationEvent;

Flow::Flow(Stage stage, int source_connection, int driver, world::MigrationRequest request)
    : m_stage(std::move(stage)), m_source_connection(source_connection), m_driver(driver), m_request(std::move(request))
{
}

void Flow::start(world::Route route)
{
    m_holds = route == world::Route::held;
    send(
        m_source_connection, [this] { return begin(); }, [this](const Result<>& done) { after_begin(done); });
}

/// One call of the protocol. Its answer is dropped when the client no longer waits for it.
void Flow::send(int connection, std::function<Result<>()> effect, std::function<void(Result<>)> answered)
{
    if (!m_client) {
        return;
    }
    if (!m_stage.net.client_open(connection)) {
        answered(refused("client socket is closed"));
        return;
    }
    const At at = m_at;
    auto deliver = [this, at, answered = std::move(answered)](const Result<>& done) {
        if (m_client && m_at == at) {
            answered(done);
        }
    };
    m_stage.net.request(connection, [this, connection, effect = std::move(effect), deliver] {
        Result<> done = effect();
        m_stage.net.reply(connection, [deliver, done = std::move(done)] { deliver(done); });
    });
}

void Flow::push(MigrationEvent event)
{
    if (m_client && (event == MigrationEvent::woken || m_seen.insert(event).second)) {
        m_events.push_back(event);
    }
}

void Flow::give_back(Result<> result)
{
    m_at = At::returned;
    m_result = std::move(result);
    push(MigrationEvent::returned);
}

void Flow::client_lost(int connection)
{
    if (!m_client) {
        return;
    }
    if (connection == m_driver) {
        push(MigrationEvent::target_lost);
        // While a good reply is held, the relay lets libvirt see nothing of this.
        if (m_at == At::prepare || m_at == At::finish) {
            cancel_source("connection to the target lost");
        } else if (m_at == At::cancel_target) {
            give_back(refused("connection to the target lost"));
        }
        return;
    }
    if (connection != m_source_connection) {
        return;
    }
    switch (m_at) {
    case At::begin:
    case At::cancel_source: give_back(refused("connection to the source lost")); break;
    case At::perform: cancel_target("connection to the source lost"); break;
    case At::confirm: give_back({}); break;
    default: break;
    }
}

world::MigrationProgress Flow::progress() const
{
    world::MigrationProgress progress;
    progress.total_bytes = k_total_bytes;
    progress.processed_bytes = m_processed;
    progress.iteration = m_iteration;
    return progress;
}

}  // namespace vmferry::sim
