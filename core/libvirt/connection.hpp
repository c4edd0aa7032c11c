// One connection to a libvirt daemon, with keepalive and events, whose every call has a limit.
//
// Invariants:
// - The peer's death is noticed within 5 s (keepalive 1 s x 3) and wakes the subscribers once.
// - A lost connection stays lost.
// - At most k_abandoned_max calls that nobody waits for any more are out at once: a daemon serves few
//   requests of one client side by side (5 by default), and one stuck domain must not take all.
// - Whoever holds a shared_ptr may call; the last one to let go closes it, without waiting for long.

#pragma once

#include <libvirt/libvirt.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/libvirt/bounded.hpp"
#include "core/libvirt/failure.hpp"

namespace vmferry::libvirt {

/// What wakes a subscriber. Called in the event thread: enqueue and return, never call libvirt.
struct Listener {
    std::function<void()> closed;
    /// A lifecycle event of any domain: UUID, virDomainEventType, detail.
    std::function<void(const std::string& uuid, int event, int detail)> lifecycle;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    enum class Keepalive {
        on,
        off,  ///< For the driver: libvirt must not give it up by itself while a reply is held.
    };

    /// Opens within `limit`; an open that takes longer is left to its thread and closed when it ends.
    /// `label` is how the host is called in messages. Kinds as of open_error_of().
    [[nodiscard]] static Result<std::shared_ptr<Connection>>
    open(const std::string& uri, const std::string& label, Milliseconds limit, Keepalive keepalive = Keepalive::on);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Valid as long as this object.
    [[nodiscard]] virConnectPtr get() const { return m_connection; }
    [[nodiscard]] const std::string& label() const { return m_label; }
    [[nodiscard]] bool alive() const;

    /// Listens until the returned token goes. Domain events only where the driver has them.
    using Token = std::shared_ptr<Listener>;
    [[nodiscard]] Token listen(Listener listener);

    /// A right to ask the question `key`, given back when the last copy goes; null when
    /// somebody keeps it for `patience`. Held by the closure of a question that may hang, it keeps more of
    /// them from piling up.
    using Claim = std::shared_ptr<const std::string>;
    [[nodiscard]] Claim claim(const std::string& key, Milliseconds patience = Milliseconds(0));

    /// Runs `work(virConnectPtr)` within `limit`. `ask` is for questions (no answer: `unreachable`),
    /// `act` for what changes something (no answer: `unknown`). `doing` completes the frame
    /// "while ... on HOST": "resuming web1".
    template <typename Work>
    [[nodiscard]] auto ask(Milliseconds limit, const std::string& doing, Work work);
    template <typename Work>
    [[nodiscard]] auto act(Milliseconds limit, const std::string& doing, Work work);

private:
    class Hub;
    static constexpr int k_abandoned_max = 3;

    Connection(virConnectPtr connection, std::string label);
    [[nodiscard]] static Result<std::shared_ptr<Connection>> open_now(const std::string& uri, const std::string& label,
                                                                      Keepalive keepalive);
    void register_close();
    void register_lifecycle();
    /// Kind `unreachable`: what is not even sent has no effect.
    [[nodiscard]] std::optional<Error> reason_not_to_call() const;

    virConnectPtr m_connection;
    std::string m_label;
    std::shared_ptr<Hub> m_hub;
    int m_lifecycle_callback = -1;
    bool m_close_callback = false;
    std::atomic<int> m_abandoned{0};
    std::mutex m_claims_mutex;
    std::condition_variable m_claim_freed;
    std::set<std::string> m_claims;
};

template <typename Work>
auto Connection::act(Milliseconds limit, const std::string& doing, Work work)
{
    using Answer = std::invoke_result_t<Work, virConnectPtr>;
    const std::string what = doing + " on " + m_label;
    if (auto reason = reason_not_to_call()) {
        return Answer(fail(std::move(*reason).in("while " + what)));
    }
    // The call counts as abandoned from the moment it is given up until it ends, if it ever does.
    struct Count {
        std::atomic<bool> over{false};
    };
    const auto count = std::make_shared<Count>();
    const auto self = shared_from_this();
    auto answer = bounded(limit, [self, count, call = std::move(work)]() mutable {
        Answer given = call(self->m_connection);
        if (count->over.exchange(true)) {
            self->m_abandoned.fetch_sub(1);
        }
        return given;
    });
    if (!answer && answer.error().kind() == ErrorKind::unknown && !count->over.exchange(true)) {
        m_abandoned.fetch_add(1);
    }
    if (!answer) {
        return Answer(fail(std::move(answer).error().in("while " + what)));
    }
    return answer;
}

template <typename Work>
auto Connection::ask(Milliseconds limit, const std::string& doing, Work work)
{
    using Answer = std::invoke_result_t<Work, virConnectPtr>;
    auto answer = act(limit, doing, std::move(work));
    return answer ? answer : Answer(fail(as_question(std::move(answer).error())));
}

}  // namespace vmferry::libvirt
