#include "core/relay/pump.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"

namespace vmferry::relay {

namespace {

constexpr size_t k_buffer_bytes = size_t{64} * 1024;
constexpr size_t k_waiting_bytes_max = size_t{256} * 1024;
constexpr Milliseconds k_complaints_limit{200};

/// poll(2) reports a hang-up also to those who wait for nothing, so who waits for nothing stays away.
pollfd poll_entry(int fd, short events) { return {events == 0 ? -1 : fd, events, 0}; }

pollfd poll_entry(const std::unique_ptr<Channel>& channel, bool reading, const Outbox& waiting)
{
    return channel ? poll_entry(channel->fd(), channel->events(reading, !waiting.empty())) : poll_entry(-1, 0);
}

}  // namespace

struct Pump::Ready {
    bool listener;
    bool client;
    bool target;
    bool complaints;
};

Pump::Pump(Control& control, std::function<void(RelayEvent)> on_event, std::unique_ptr<PrivateSocket> listener,
           Connection target, std::string target_text)
    : m_control(control), m_on_event(std::move(on_event)), m_listener(std::move(listener)), m_target(std::move(target)),
      m_target_text(std::move(target_text)), m_dialogue([this](RelayEvent event) { say(event); }),
      m_buffer(k_buffer_bytes)
{
}

void Pump::run()
{
    while (!m_over) {
        const Ready ready = wait();
        obey(m_control.take_wishes());
        if (m_over) {
            break;
        }
        if (ready.complaints) {
            static_cast<void>(m_target.child->read_complaints());
        }
        if (ready.listener) {
            accept();
        }
        if (ready.target) {
            read_target();
        }
        if (ready.client) {
            read_client();
        }
        write_client();
        write_target();
        m_control.note_frames(m_dialogue.frames_to_target(), m_dialogue.frames_to_client());
    }
    for (const auto* channel : {&m_client, &m_target.channel}) {
        if (*channel) {
            (*channel)->end();
        }
    }
}

Pump::Ready Pump::wait()
{
    std::array<pollfd, 5> entries{
        poll_entry(m_control.wake_fd(), POLLIN),
        poll_entry(m_listener ? m_listener->fd() : -1, POLLIN),
        poll_entry(m_client, hears_client(), m_dialogue.to_client()),
        poll_entry(m_target.channel, hears_target(), m_dialogue.to_target()),
        poll_entry(m_target.child ? m_target.child->complaints_fd() : -1, POLLIN),
    };
    while (::poll(entries.data(), entries.size(), -1) < 0) {
        VMF_ASSERT(errno == EINTR);
    }
    return {entries[1].revents != 0, entries[2].revents != 0, entries[3].revents != 0, entries[4].revents != 0};
}

void Pump::say(RelayEvent event)
{
    // Noted first: whoever is told that the reply is held must be able to release it at once.
    m_control.note(event);
    m_on_event(event);
}

bool Pump::hears_client() { return !m_client_deaf && m_dialogue.to_target().size() < k_waiting_bytes_max; }

bool Pump::hears_target()
{
    return !m_close_target && !m_close_client && m_dialogue.to_client().size() < k_waiting_bytes_max;
}

void Pump::obey(const Control::Wishes& wishes)
{
    if (wishes.decision == Control::Decision::drop) {
        if (m_client) {
            m_client->end();
        }
        m_over = true;
        say(RelayEvent::dropped);
        return;
    }
    if (wishes.keep_paused) {
        m_dialogue.keep_paused();
    }
    if (wishes.hold_call) {
        m_dialogue.hold_call();
    }
    if (wishes.call != Control::Call::none) {
        m_dialogue.pass_call(wishes.call == Control::Call::start);
    }
    if (wishes.decision == Control::Decision::release && m_dialogue.held() && m_client) {
        m_dialogue.release();
        m_releasing = true;
        m_close_client = m_close_client || !m_target.channel;
    }
    if (wishes.close) {
        m_close_client = true;
        m_over = !m_client || !m_releasing;
    }
}

void Pump::accept()
{
    Fd peer = m_listener->accept();
    if (peer) {
        m_client = std::make_unique<SocketChannel>(std::move(peer));
        m_listener.reset();
        m_control.note_client();
    }
}

void Pump::read_client()
{
    while (m_client && hears_client()) {
        const Channel::Outcome outcome = m_client->read(m_buffer);
        if (outcome.status == Channel::Status::waiting) {
            return;
        }
        if (outcome.status == Channel::Status::ended) {
            client_ended();
        } else if (!m_dialogue.from_client(Bytes(m_buffer).first(outcome.count))) {
            m_client_deaf = true;
            unreadable();
        }
    }
}

void Pump::read_target()
{
    while (m_target.channel && hears_target()) {
        const Channel::Outcome outcome = m_target.channel->read(m_buffer);
        if (outcome.status == Channel::Status::waiting) {
            return;
        }
        if (outcome.status == Channel::Status::ended) {
            target_ended(outcome.why);
        } else if (!m_dialogue.from_target(Bytes(m_buffer).first(outcome.count))) {
            m_target.channel->end();
            m_target.channel.reset();
            m_dialogue.target_gone();
            unreadable();
        }
    }
}

void Pump::write_client()
{
    if (m_client && m_dialogue.to_client().flush(*m_client).status == Channel::Status::ended) {
        client_ended();
    }
    if (!m_client || !m_dialogue.to_client().empty()) {
        return;
    }
    if (m_releasing) {
        m_releasing = false;
        say(RelayEvent::released);
    }
    m_over = m_over || m_close_client;
}

void Pump::write_target()
{
    if (m_target.channel) {
        const Channel::Outcome outcome = m_dialogue.to_target().flush(*m_target.channel);
        if (outcome.status == Channel::Status::ended) {
            target_ended(outcome.why);
        }
    }
    m_over = m_over || (m_close_target && m_dialogue.to_target().empty());
}

void Pump::client_ended()
{
    m_client.reset();
    m_close_target = true;
    say(RelayEvent::client_closed);
}

void Pump::target_ended(const std::string& why)
{
    m_target.channel.reset();
    m_dialogue.target_gone();
    if (m_target.child && !m_dialogue.held()) {
        m_target.child->await_complaints(k_complaints_limit);
    }
    const std::string complaints = m_target.child ? m_target.child->complaints() : "";
    m_control.note_failure(Error(ErrorKind::unreachable, fmt::format("the connection to {} ended", m_target_text))
                               .with_cause(complaints.empty() ? why : complaints));
    m_close_client = m_close_client || !m_dialogue.held();
    m_over = m_over || m_listener != nullptr;
    say(RelayEvent::target_closed);
}

void Pump::unreadable()
{
    m_control.note_failure(Error(ErrorKind::failed, "the guarded switch cannot read the connection to " + m_target_text)
                               .with_cause(m_dialogue.complaint()));
    // What is held or on its way must not be lost to a stream that went bad beside it.
    const bool deliver_first = m_dialogue.held() || m_releasing;
    m_close_client = m_close_client || !m_dialogue.held();
    m_over = m_over || !deliver_first;
    say(RelayEvent::opaque);
}

}  // namespace vmferry::relay
