// The events of one migration, from the threads where they happen to the one that waits for them.

#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

#include "core/base/clock.hpp"
#include "core/world/migration.hpp"

namespace vmferry::libvirt {

class EventQueue {
public:
    /// From any thread. Each kind of event is reported once; only `woken` may come again.
    void push(world::MigrationEvent event);
    /// libvirt's client calls Finish. A running source has told of its stop before; one that its user had
    /// paused never does: where expect_no_stop() was called this counts as `suspended`.
    void finish_called();
    void expect_no_stop();
    /// From now on the loss of the target is our own doing and no event.
    void expect_target_loss();
    [[nodiscard]] world::MigrationEvent next(Milliseconds limit);

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<world::MigrationEvent> m_waiting;
    std::set<world::MigrationEvent> m_seen;
    bool m_finish_is_stop = false;
};

}  // namespace vmferry::libvirt
