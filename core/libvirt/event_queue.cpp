#include "core/libvirt/event_queue.hpp"

namespace vmferry::libvirt {

using world::MigrationEvent;

void EventQueue::push(MigrationEvent event)
{
    const std::lock_guard lock(m_mutex);
    if (event == MigrationEvent::woken) {
        if (!m_waiting.empty() && m_waiting.back() == event) {
            return;
        }
    } else if (!m_seen.insert(event).second) {
        return;
    }
    m_waiting.push_back(event);
    m_changed.notify_all();
}

void EventQueue::finish_called()
{
    std::unique_lock lock(m_mutex);
    const bool is_stop = m_finish_is_stop;
    lock.unlock();
    if (is_stop) {
        push(MigrationEvent::suspended);
    }
}

void EventQueue::expect_no_stop()
{
    const std::lock_guard lock(m_mutex);
    m_finish_is_stop = true;
}

void EventQueue::expect_target_loss()
{
    const std::lock_guard lock(m_mutex);
    m_seen.insert(MigrationEvent::target_lost);
}

MigrationEvent EventQueue::next(Milliseconds limit)
{
    std::unique_lock lock(m_mutex);
    if (!m_changed.wait_for(lock, limit, [this] { return !m_waiting.empty(); })) {
        return MigrationEvent::timeout;
    }
    const MigrationEvent event = m_waiting.front();
    m_waiting.pop_front();
    return event;
}

}  // namespace vmferry::libvirt
