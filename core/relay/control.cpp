#include "core/relay/control.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

#include "core/base/assert.hpp"

namespace vmferry::relay {

Result<std::unique_ptr<Control>> Control::make()
{
    Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) {
        return fail(
            Error(ErrorKind::failed, "cannot make an eventfd").with_cause(std::generic_category().message(errno)));
    }
    return std::unique_ptr<Control>(new Control(std::move(wake)));
}

void Control::wake() const
{
    const uint64_t one = 1;
    const ssize_t written = ::write(m_wake.get(), &one, sizeof one);
    // EAGAIN would mean that 2^64-2 wakes are pending already.
    VMF_ASSERT(written == sizeof one || errno == EAGAIN);
}

bool Control::release()
{
    const std::lock_guard lock(m_mutex);
    if (!m_stats.held || m_wishes.decision != Decision::none) {
        return false;
    }
    m_wishes.decision = Decision::release;
    wake();
    return true;
}

void Control::drop()
{
    const std::lock_guard lock(m_mutex);
    if (m_wishes.decision == Decision::none) {
        m_wishes.decision = Decision::drop;
    }
    m_wishes.close = true;
    wake();
}

void Control::keep_paused()
{
    const std::lock_guard lock(m_mutex);
    m_wishes.keep_paused = true;
    wake();
}

void Control::hold_call()
{
    const std::lock_guard lock(m_mutex);
    m_wishes.hold_call = true;
    wake();
}

void Control::pass_call(bool start)
{
    const std::lock_guard lock(m_mutex);
    m_wishes.call = start ? Call::start : Call::as_it_is;
    wake();
}

void Control::stop()
{
    const std::lock_guard lock(m_mutex);
    // Whoever ends the relay without deciding would decide by accident: the client would see no
    // reply and resume the source, even if the target runs. A dead process decides nothing.
    const bool undecided = m_stats.held && m_wishes.decision == Decision::none;
    VMF_ASSERT(!undecided);
    m_wishes.close = true;
    wake();
}

RelayStats Control::stats() const
{
    const std::lock_guard lock(m_mutex);
    return m_stats;
}

std::optional<Error> Control::failure() const
{
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

Control::Wishes Control::take_wishes()
{
    uint64_t count = 0;
    static_cast<void>(::read(m_wake.get(), &count, sizeof count));
    const std::lock_guard lock(m_mutex);
    return m_wishes;
}

void Control::note(RelayEvent event)
{
    const std::lock_guard lock(m_mutex);
    switch (event) {
    case RelayEvent::finish_called: m_stats.called_at = Monotonic::now(); break;
    case RelayEvent::finish_held:
        m_stats.held_at = Monotonic::now();
        m_stats.held = true;
        break;
    case RelayEvent::released:
        m_stats.released_at = Monotonic::now();
        m_stats.held = false;
        break;
    case RelayEvent::dropped:
    case RelayEvent::client_closed: m_stats.held = false; break;
    case RelayEvent::opaque: m_stats.opaque = true; break;
    case RelayEvent::finish_waits:
    case RelayEvent::finish_failed:
    case RelayEvent::target_closed: break;
    }
}

void Control::note_frames(uint64_t to_target, uint64_t to_client)
{
    const std::lock_guard lock(m_mutex);
    m_stats.frames_to_target = to_target;
    m_stats.frames_to_client = to_client;
}

void Control::note_client()
{
    const std::lock_guard lock(m_mutex);
    m_stats.client_connected = true;
}

void Control::note_failure(Error error)
{
    const std::lock_guard lock(m_mutex);
    if (!m_failure) {
        m_failure = std::move(error);
    }
}

}  // namespace vmferry::relay
