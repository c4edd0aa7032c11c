#include "tests/sim/net.hpp"

#include <algorithm>
#include <utility>

namespace vmferry::sim {

namespace {

constexpr Ms k_tool_keepalive = 4000;
constexpr Ms k_daemon_keepalive = 30000;

}  // namespace

int Net::open(Side side, bool keepalive)
{
    m_connections.push_back({side, keepalive, true, true});
    return static_cast<int>(m_connections.size());
}

void Net::close(int connection)
{
    Connection& closed = m_connections[at(connection)];
    if (std::exchange(closed.client, false) && closed.server) {
        // As the last request: it waits where others wait.
        m_time.in(k_travel,
                  [this, connection] { arrive_request(connection, [this, connection] { lose_server(connection); }); });
    }
}

bool Net::answers(Side side) const
{
    const Machine& machine = m_machines[index(side)];
    const Link& way = link(side);
    const Ms now = m_time.now();
    return machine.power && machine.daemon && now >= way.requests_until && now >= way.hung_until;
}

bool Net::refuses(Side side) const
{
    const Machine& machine = m_machines[index(side)];
    const Link& way = link(side);
    return machine.power && !machine.daemon && m_time.now() >= way.requests_until && m_time.now() >= way.replies_until;
}

/// It arrives when the daemon answers again.
void Net::keep_request(int connection, Action arrive)
{
    link(side_of(connection)).requests.push_back([this, connection, arrive = std::move(arrive)] {
        if (server_open(connection)) {
            arrive();
        }
    });
}

void Net::keep_reply(int connection, Action arrive)
{
    link(side_of(connection)).replies.push_back([this, connection, arrive = std::move(arrive)] {
        if (client_open(connection)) {
            arrive();
        }
    });
}

bool Net::quiet(Side side) const
{
    const Ms now = m_time.now();
    const Link& way = link(side);
    return now < way.requests_until || now < way.replies_until || now < way.hung_until ||
           !m_machines[index(side)].power;
}

void Net::flush(Side side)
{
    Link& way = link(side);
    if (answers(side)) {
        for (Action& arrive : std::exchange(way.requests, {})) {
            m_time.in(0, std::move(arrive));
        }
    }
    if (m_time.now() >= way.replies_until) {
        for (Action& arrive : std::exchange(way.replies, {})) {
            m_time.in(0, std::move(arrive));
        }
    }
}

void Net::fail(Side side, const Outage& outage, Ms until)
{
    Link& way = link(side);
    if (!quiet(side)) {
        ++way.outages;
    }
    const Ms end = until >= k_forever ? k_forever : m_time.now() + until;
    way.requests_until = outage.requests ? std::max(way.requests_until, end) : way.requests_until;
    way.replies_until = outage.replies ? std::max(way.replies_until, end) : way.replies_until;
    way.hung_until = outage.hang ? std::max(way.hung_until, end) : way.hung_until;
    if (end < k_forever) {
        m_time.at(end, [this, side] { flush(side); });
    }
    watch(side, !outage.hang);
}

void Net::watch(Side side, bool server_too)
{
    const int outage = link(side).outages;
    m_time.in(k_tool_keepalive, [this, side, outage] {
        if (quiet(side) && link(side).outages == outage) {
            lose_clients(side, false);
        }
    });
    if (!server_too) {
        return;
    }
    m_time.in(k_daemon_keepalive, [this, side, outage] {
        if (!quiet(side) || link(side).outages != outage) {
            return;
        }
        for (int id = 1; id <= static_cast<int>(m_connections.size()); ++id) {
            if (m_connections[at(id)].side == side) {
                lose_server(id);
            }
        }
    });
}

void Net::lose_clients(Side side, bool without_keepalive_too)
{
    for (int id = 1; id <= static_cast<int>(m_connections.size()); ++id) {
        Connection& lost = m_connections[at(id)];
        if (lost.side == side && lost.client && (without_keepalive_too || lost.keepalive)) {
            lost.client = false;
            link(side).was_heard = false;
            m_listener.client_lost(id);
            // The tool closes its end; the daemon learns of it as soon as anything arrives there again.
            m_time.in(k_travel, [this, id] { arrive_request(id, [this, id] { lose_server(id); }); });
        }
    }
}

void Net::lose_server(int connection)
{
    Connection& lost = m_connections[at(connection)];
    if (std::exchange(lost.server, false)) {
        m_listener.server_lost(connection);
    }
}

void Net::fail_stream(Ms until, bool stuck)
{
    m_stream_until = until >= k_forever ? k_forever : std::max(m_stream_until, m_time.now() + until);
    m_stuck = m_stuck || stuck;
}

bool Net::stream_works() const { return m_time.now() >= m_stream_until && m_machines[0].power && m_machines[1].power; }

void Net::daemon_gone(Side side, bool at_once)
{
    link(side).requests.clear();
    for (Connection& gone : m_connections) {
        gone.server = gone.side != side && gone.server;
    }
    if (!at_once) {
        ++link(side).outages;
        watch(side, false);
        return;
    }
    m_time.in(k_travel, [this, side] {
        if (m_time.now() >= link(side).replies_until) {
            lose_clients(side, true);
        }
    });
}

bool Net::is_connected(Side side) const
{
    return std::any_of(m_connections.begin(), m_connections.end(), [side](const Connection& connection) {
        return connection.side == side && (connection.client || connection.server);
    });
}

void Net::reset(Side side)
{
    lose_clients(side, true);
    for (int id = 1; id <= static_cast<int>(m_connections.size()); ++id) {
        if (m_connections[at(id)].side == side) {
            lose_server(id);
        }
    }
}

void Net::break_connection(int connection)
{
    if (std::exchange(m_connections[at(connection)].client, false)) {
        m_listener.client_lost(connection);
    }
    lose_server(connection);
}

void Net::tool_gone()
{
    for (int id = 1; id <= static_cast<int>(m_connections.size()); ++id) {
        close(id);
    }
}

void Net::heal()
{
    m_stream_until = 0;
    m_stuck = false;
    for (const Side side : {Side::source, Side::target}) {
        Link& way = link(side);
        way.requests_until = way.replies_until = way.hung_until = 0;
        flush(side);
    }
}

}  // namespace vmferry::sim
