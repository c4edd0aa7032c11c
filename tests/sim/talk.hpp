// One call of the tool to a daemon: request, effect, reply, each of which a fault may take away.

#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "tests/sim/universe.hpp"

namespace vmferry::sim {

/// A question without answer is `unreachable`; an act without answer may have happened: `unknown`.
[[nodiscard]] inline Error no_answer(bool is_act, std::string_view name)
{
    return Error(is_act ? ErrorKind::unknown : ErrorKind::unreachable, "no answer: " + std::string(name));
}

template <typename T>
class Talk {
public:
    Talk(Universe& universe, int connection, bool is_act, std::string_view name)
        : m_universe(universe), m_connection(connection), m_is_act(is_act), m_name(name)
    {
    }

    /// `effect` gives an optional<Result<T>>: nullopt while the domain's job keeps it from happening.
    template <typename Effect>
    [[nodiscard]] Result<T> run(Ms limit, Ms takes, Effect effect)
    {
        Fate fate = m_universe.point(m_is_act ? PointKind::before_act : PointKind::before_question, m_name);
        if (fate == Fate::late && !m_universe.net.answers(m_universe.net.side_of(m_connection))) {
            fate = Fate::none;  // It does not come to the daemon's hands yet.
        }
        const auto slot = std::make_shared<Slot>();
        const Listening listening{*slot};
        auto carried_out = [&oracle = m_universe.oracle, sent = m_universe.time.now(),
                            effect = std::move(effect)]() mutable {
            const Oracle::Sent when(oracle, sent);
            return effect();
        };
        switch (fate) {
        case Fate::refused:
            m_universe.sleep(2);
            if (!m_is_act) {
                // A host that will not tell is taken for one that does not answer.
                m_universe.net.note_contact(m_universe.net.side_of(m_connection), false);
            }
            return fail(ErrorKind::failed, "refused: " + std::string(m_name));
        case Fate::late: later(std::move(carried_out)); break;
        case Fate::request_lost: break;
        default: send(slot, takes, std::move(carried_out)); break;
        }
        m_universe.wait(m_universe.time.now() + limit,
                        [&] { return slot->arrived || !m_universe.net.client_open(m_connection); });
        m_universe.net.note_contact(m_universe.net.side_of(m_connection), slot->arrived);
        if (!slot->arrived) {
            return fail(no_answer(m_is_act, m_name));
        }
        return std::move(*slot->answer);
    }

private:
    struct Slot {
        std::optional<Result<T>> answer;  ///< Under way until it has arrived.
        bool arrived = false;
        bool waited_for = true;
    };
    /// However the caller leaves: nobody waits any more.
    struct Listening {
        Slot& slot;
        ~Listening() { slot.waited_for = false; }
    };

    /// What a daemon has in its hands, whatever becomes of the link: it ends with the daemon, and stands while that
    /// hangs.
    template <typename Effect>
    struct Late {
        Universe& universe;
        Side side;
        int run;  ///< Of the daemon.
        Effect effect;

        void operator()()
        {
            if (universe.daemon(side).runs() != run) {
                return;
            }
            if (universe.net.hangs(side)) {
                universe.time.at(universe.net.hung_until(side), std::move(*this));
                return;
            }
            static_cast<void>(effect());
        }
    };

    /// The daemon is busy with the domain, and comes to this when the caller has long given it up.
    template <typename Effect>
    void later(Effect effect)
    {
        const Side side = m_universe.net.side_of(m_connection);
        if (m_name == "define" && m_universe.net.answers(side)) {
            // A new domain is in the daemon's list before anything can keep it from going on: who looks, sees it.
            static_cast<void>(effect());
        }
        // Behind what is late already.
        const Ms until = std::max(m_universe.time.now() + m_universe.late_by(), m_universe.daemon(side).locked_until());
        if (m_name != "define") {
            m_universe.time.at(until,
                               Late<Effect>{m_universe, side, m_universe.daemon(side).runs(), std::move(effect)});
        }
        m_universe.daemon(side).lock(until);  // What comes after it stays behind it.
    }

    template <typename Effect>
    void send(const std::shared_ptr<Slot>& slot, Ms takes, Effect effect)
    {
        auto answer = [&universe = m_universe, connection = m_connection, is_act = m_is_act, name = m_name, slot,
                       takes](Result<T> done) {
            if (slot->waited_for) {
                const auto kind = is_act ? PointKind::after_act : PointKind::after_question;
                if (universe.point(kind, name) == Fate::reply_lost) {
                    universe.net.break_connection(connection);
                    return;
                }
            }
            slot->answer.emplace(std::move(done));
            universe.net.reply(
                connection, [slot] { slot->arrived = true; }, takes);
        };
        const Side side = m_universe.net.side_of(m_connection);
        m_universe.net.request(m_connection, [&universe = m_universe, side, answer = std::move(answer),
                                              effect = std::move(effect)]() mutable {
            if (auto done = effect()) {
                answer(std::move(*done));
            } else if constexpr (std::is_void_v<T>) {
                universe.daemon(side).wait_for_job(effect, answer);
            } else {
                static_cast<void>(side);
                static_cast<void>(universe);
            }
        });
    }

    Universe& m_universe;
    int m_connection;
    bool m_is_act;
    std::string_view m_name;  ///< Of static life.
};

}  // namespace vmferry::sim
