// Virtual time: events in the order of their time, those of one time in the order of their making.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tests/sim/parts.hpp"

namespace vmferry::sim {

class Timeline {
public:
    using Action = std::function<void()>;

    [[nodiscard]] Ms now() const { return m_now; }
    void at(Ms time, Action action)
    {
        m_events.push_back({time, m_next++, std::move(action)});
        std::push_heap(m_events.begin(), m_events.end(), later);
    }
    void in(Ms delay, Action action) { at(m_now + delay, std::move(action)); }
    /// Time of the next event, or k_forever.
    [[nodiscard]] Ms next() const { return m_events.empty() ? k_forever : std::max(m_now, m_events.front().time); }
    /// The next event, taken out; there must be one.
    [[nodiscard]] Action take()
    {
        std::pop_heap(m_events.begin(), m_events.end(), later);
        Action action = std::move(m_events.back().action);
        m_events.pop_back();
        return action;
    }
    void set_now(Ms now) { m_now = now; }

private:
    struct Event {
        Ms time;
        uint64_t order;
        Action action;
    };
    static bool later(const Event& left, const Event& right)
    {
        return left.time != right.time ? left.time > right.time : left.order > right.order;
    }

    Ms m_now = 0;
    uint64_t m_next = 0;
    std::vector<Event> m_events;
};

}  // namespace vmferry::sim
