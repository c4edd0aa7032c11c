// Links, connections and what gets lost between them.
//
// - What is sent into a cut link or to a daemon that hangs waits and arrives when that ends, also when
//   its sender has given it up: the worst that a network does.
// - The tool's keepalive notices a silent host after 4 s, the daemon's notices a silent tool after 30 s.
//   A driver connection behind the relay has no keepalive on the tool's side.

#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "tests/sim/parts.hpp"
#include "tests/sim/timeline.hpp"

namespace vmferry::sim {

/// What of a link fails.
struct Outage {
    bool requests = false;  ///< Tool to host.
    bool replies = false;   ///< Host to tool.
    bool hang = false;      ///< The daemon stands still; the link is well.
};

class Net {
public:
    /// What the ends of connections do when one breaks.
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void client_lost(int connection) = 0;
        virtual void server_lost(int connection) = 0;
    };

    Net(Timeline& time, Machine (&machines)[2], Listener& listener)
        : m_time(time), m_machines(machines), m_listener(listener)
    {
    }

    [[nodiscard]] int open(Side side, bool keepalive);
    /// The tool closes a connection in good order.
    void close(int connection);
    [[nodiscard]] bool client_open(int connection) const { return m_connections[at(connection)].client; }
    [[nodiscard]] bool server_open(int connection) const { return m_connections[at(connection)].server; }
    [[nodiscard]] Side side_of(int connection) const { return m_connections[at(connection)].side; }

    using Action = std::function<void()>;
    /// `arrive` runs when the daemon gets the request.
    template <typename Arrive>
    void request(int connection, Arrive arrive);
    /// `arrive` runs when the tool gets the reply.
    template <typename Arrive>
    void reply(int connection, Arrive arrive, Ms delay = 0);

    /// The daemon answers right now.
    [[nodiscard]] bool answers(Side side) const;
    /// A new connection is refused at once, rather than waited for.
    [[nodiscard]] bool refuses(Side side) const;

    /// The daemon stands still, whatever the link does.
    [[nodiscard]] bool hangs(Side side) const { return m_time.now() < link(side).hung_until; }
    [[nodiscard]] Ms hung_until(Side side) const { return link(side).hung_until; }
    /// An answer could reach the tool now.
    [[nodiscard]] bool can_reply(Side side) const { return m_time.now() >= link(side).replies_until; }

    /// Whether the tool's last attempt to reach the host got an answer.
    void note_contact(Side side, bool answered) { link(side).was_heard = answered; }
    /// It was, and an answer could come right now.
    [[nodiscard]] bool is_heard(Side side) const { return link(side).was_heard && answers(side) && can_reply(side); }

    void fail(Side side, const Outage& outage, Ms until);
    void fail_stream(Ms until, bool stuck);
    [[nodiscard]] bool stream_works() const;
    [[nodiscard]] bool stream_stuck() const { return m_stuck && m_time.now() < m_stream_until; }
    /// The daemon's end of all its connections is gone; `at_once`: the tool is told by a reset.
    void daemon_gone(Side side, bool at_once);
    /// Whether either end of any connection to `side` is still open.
    [[nodiscard]] bool is_connected(Side side) const;
    /// All connections of the tool to `side` break at both ends.
    void reset(Side side);
    /// One of them.
    void break_connection(int connection);
    /// The tool's process has ended: the kernel closes what it had open.
    void tool_gone();
    void heal();

private:
    struct Link {
        Ms requests_until = 0;
        Ms replies_until = 0;
        Ms hung_until = 0;
        bool was_heard = true;
        int outages = 0;  ///< Counts them, so that a keepalive knows whether it is still the same one.
        std::vector<Action> requests;
        std::vector<Action> replies;
    };
    struct Connection {
        Side side;
        bool keepalive = true;
        bool client = true;
        bool server = true;
    };

    [[nodiscard]] static size_t at(int connection) { return static_cast<size_t>(connection - 1); }
    [[nodiscard]] Link& link(Side side) { return m_links[index(side)]; }
    [[nodiscard]] const Link& link(Side side) const { return m_links[index(side)]; }
    [[nodiscard]] bool quiet(Side side) const;
    template <typename Arrive>
    void arrive_request(int connection, Arrive&& arrive);
    void keep_request(int connection, Action arrive);
    void keep_reply(int connection, Action arrive);
    void flush(Side side);
    void watch(Side side, bool server_too);
    void lose_clients(Side side, bool without_keepalive_too);
    void lose_server(int connection);

    static constexpr Ms k_travel = 1;

    Timeline& m_time;
    Machine (&m_machines)[2];
    Listener& m_listener;
    Link m_links[2];
    std::vector<Connection> m_connections;
    Ms m_stream_until = 0;
    bool m_stuck = false;
};

template <typename Arrive>
void Net::request(int connection, Arrive arrive)
{
    m_time.in(k_travel, [this, connection, arrive = std::move(arrive)]() mutable {
        arrive_request(connection, std::move(arrive));
    });
}

template <typename Arrive>
void Net::arrive_request(int connection, Arrive&& arrive)
{
    const Connection& on = m_connections[at(connection)];
    if (!on.server) {
        return;
    }
    if (answers(on.side)) {
        arrive();
    } else {
        keep_request(connection, std::forward<Arrive>(arrive));
    }
}

template <typename Arrive>
void Net::reply(int connection, Arrive arrive, Ms delay)
{
    m_time.in(k_travel + delay, [this, connection, arrive = std::move(arrive)]() mutable {
        const Connection& on = m_connections[at(connection)];
        if (!on.client) {
            return;
        }
        if (can_reply(on.side)) {
            arrive();
        } else {
            keep_reply(connection, std::move(arrive));
        }
    });
}

}  // namespace vmferry::sim
