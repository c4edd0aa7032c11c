#include "tests/sim/flow.hpp"

#include <utility>

namespace vmferry::sim {

using world::MigrationEvent;

namespace {

constexpr Ms k_retry = 100;
constexpr Ms k_late_reply = 12;  // Of Finish, after the target's event.
constexpr Ms k_daemon_gives_up = 30000;

}  // namespace

Flow::Flow(Stage stage, int source_connection, int target_connection, world::MigrationRequest request,
           world::Route route)
    : m_stage(std::move(stage)), m_source_connection(source_connection), m_target_connection(target_connection),
      m_request(std::move(request)), m_route(route), m_owner(drives_itself() ? k_daemon : source_connection),
      m_driver(drives_itself() ? k_daemon : target_connection)
{
}

void Flow::start()
{
    auto call = [this] {
        send(
            Side::source, [this] { return begin(); }, [this](const Result<>& done) { after_begin(done); });
    };
    if (drives_itself()) {
        m_stage.net.request(m_source_connection, std::move(call));
    } else {
        call();
    }
}

/// One call of the protocol. Its answer is dropped when the client no longer waits for it.
void Flow::send(Side to, std::function<Result<>()> effect, Answer answered)
{
    if (drives_itself()) {
        send_from_daemon(to, std::move(effect), std::move(answered), 0);
        return;
    }
    send_slow(
        to, [effect = std::move(effect)](const Answer& answer) { answer(effect()); }, std::move(answered));
}

void Flow::send_slow(Side to, std::function<void(Answer)> effect, Answer answered)
{
    const int connection = to == Side::source ? m_source_connection : m_driver;
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
    const Ms late = m_at == At::finish && m_route != world::Route::held ? k_late_reply : 0;
    m_stage.net.request(connection, [this, connection, late, effect = std::move(effect), deliver] {
        effect([this, connection, late, deliver](Result<> done) {
            m_stage.net.reply(
                connection, [deliver, done = std::move(done)] { deliver(done); }, late);
        });
    });
}

void Flow::push(MigrationEvent event)
{
    if (m_listening && (event == MigrationEvent::woken || m_seen.insert(event).second)) {
        m_events.push_back(event);
    }
}

void Flow::give_back(Result<> result)
{
    m_at = At::returned;
    m_stage.source.domain.job_pending = false;
    if (!drives_itself()) {
        m_result = std::move(result);
        push(MigrationEvent::returned);
    } else if (m_listening && m_stage.net.client_open(m_source_connection)) {
        m_stage.net.reply(m_source_connection, [this, result = std::move(result)] {
            if (!m_result) {
                m_result = result;
                push(MigrationEvent::returned);
            }
        });
    }
}

void Flow::client_lost(int connection)
{
    if (drives_itself()) {
        // The daemons go on; the tool only does not hear of it.
        if (connection == m_source_connection && !m_result && m_listening) {
            m_result = refused("connection to the source lost");
            push(MigrationEvent::returned);
        }
        return;
    }
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
    progress.remaining_bytes = static_cast<uint64_t>(m_stage.split.left);
    return progress;
}

/// From the source's daemon, to itself or to the target's. It does one thing after the other.
void Flow::send_from_daemon(Side to, std::function<Result<>()> effect, Answer answered, Ms waited)
{
    if (!m_client) {
        return;
    }
    const bool arrives = m_stage.source_daemon_works() &&
                         (to == Side::source || (m_stage.net.stream_works() && m_stage.target_daemon_works()));
    if (!arrives && (to == Side::source || waited < k_daemon_gives_up)) {
        m_stage.time.in(k_retry, [this, to, effect = std::move(effect), answered = std::move(answered), waited] {
            send_from_daemon(to, effect, answered, waited + k_retry);
        });
        return;
    }
    const Result<> done = arrives ? effect() : refused("connection closed due to keepalive timeout");
    const bool lost = m_at == At::finish && done && m_stage.step("finish-reply");
    const Ms takes = lost ? k_daemon_gives_up : (m_at == At::finish ? k_late_reply : 1);
    m_stage.time.in(takes, [this, done = lost ? refused("the reply was lost") : done, answered = std::move(answered)] {
        if (m_client) {
            answered(done);
        }
    });
}

void Flow::driver_dies()
{
    if (!drives_itself() || !m_client) {
        return;
    }
    m_client = false;
    const Ms notices = m_stage.net.stream_works() && m_stage.source.power ? 0 : k_daemon_gives_up;
    m_stage.time.in(notices, [this] { m_stage.target_daemon.connection_closed(m_driver); });
}

}  // namespace vmferry::sim
