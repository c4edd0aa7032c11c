// The relay of the guarded switch-over: it stands between libvirt's client library in this process and
// the daemon of the target, passes everything, and holds back the one reply that decides a migration.
//
// libvirt's client ends the source when it sees the good reply of Finish, and resumes the source when
// it sees none. So the holder of that reply is the one who decides:
//
//   finish_held, COMMIT made durable, target resumed and seen running   -> release(): the source is ended
//   finish_held, target provably never ran and has been ended           -> drop(): the source is resumed
//
// - The relay serves one client, this process, for one migration.
// - A held reply outlives the target's connection: while it is held, nothing reaches the client that
//   would make it decide, and its keepalive is answered here.
// - Killed with us at any point, it leaves source and target as they stand: nobody else can act.
// - It never passes what it cannot read: a Finish in an encrypted stream would go by unseen. TLS ends here
//   (tls_channel.hpp), towards the daemon; towards the client there is a private socket.
//
// What the user of the driver connection has to know (all seen with libvirt 9.0):
// - No virConnectSetKeepAlive on it: a client that gives up in the instant in which the reply arrives
//   resumes the source beside a target that we are about to resume. The observers watch the hosts; when
//   the target's observer is lost before finish_held, drop().
// - drop() is for the thread that decides, and that thread looks at stats().held once more before COMMIT.
// - Finish is called to cancel a move as well; then its reply is an error, and nothing is held.
// - virDomainMigrate3 returns success as soon as it has the reply, even if Confirm could not reach the
//   source: the source may still stand there paused. Ask its state.
// - drop() before virConnectClose: it sends a farewell and would wait for a target that is gone.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/relay/control.hpp"
#include "core/relay/endpoint.hpp"
#include "core/relay/event.hpp"

namespace vmferry::relay {

constexpr Milliseconds k_connect_limit{5000};

/// All functions may be called from any thread, also from within an event; the destructor not from there.
class Relay {
public:
    /// Connects to the end-point before it returns, at most for `connect_limit` (ssh is only started).
    /// `on_event` is called in the relay's thread, possibly before `start` returns, and must only
    /// enqueue: while it runs nothing is relayed, keepalive neither.
    [[nodiscard]] static Result<std::unique_ptr<Relay>> start(const Endpoint& endpoint,
                                                              std::function<void(RelayEvent)> on_event,
                                                              Milliseconds connect_limit = k_connect_limit);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    /// Delivers what was released and closes both ends. Asserts that no held reply is undecided. The
    /// migrate call must have returned before, or it sees its connection end.
    ~Relay();

    /// For virConnectOpenAuth, once. When that fails, `failure` may know why.
    [[nodiscard]] const std::string& client_uri() const { return m_client_uri; }

    /// Passes the held reply on, and relays again. False when nothing is held any more: dropped, or the
    /// client is gone. True is not a proof of anything at the hosts.
    [[nodiscard]] bool release() { return m_control->release(); }
    /// Ends the client's connection, at any time: libvirt sees no reply. After a release it only closes
    /// the connection once the reply is out, so that virConnectClose need not wait for a dead target.
    void drop() { m_control->drop(); }

    /// Before the migrate call: its Finish, which would start the target, is made to leave it paused. For a call that
    /// may be switched to post-copy, which libvirt does not let ask for that itself (finish_call.hpp).
    void keep_paused() { m_control->keep_paused(); }
    /// From now on the call of Finish waits here as well: `finish_waits`, then pass_finish(). A call that has gone
    /// through already, or does so in this moment, is not called back: its target stays paused.
    void hold_finish() { m_control->hold_call(); }
    /// Passes it on: `start` as it is, else so that the target stays paused.
    void pass_finish(bool start) { m_control->pass_call(start); }

    [[nodiscard]] RelayStats stats() const { return m_control->stats(); }
    /// Why the target was lost or could not be read, with what ssh said. Empty when all is well.
    [[nodiscard]] std::optional<Error> failure() const { return m_control->failure(); }

private:
    Relay(std::unique_ptr<Control> control, std::string client_uri)
        : m_control(std::move(control)), m_client_uri(std::move(client_uri))
    {
    }

    std::unique_ptr<Control> m_control;
    std::string m_client_uri;
    std::thread m_thread;
};

}  // namespace vmferry::relay
