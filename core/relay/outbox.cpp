#include "core/relay/outbox.hpp"

namespace vmferry::relay {

void Outbox::clear()
{
    m_bytes.clear();
    m_written = 0;
}

Channel::Outcome Outbox::flush(Channel& channel)
{
    while (!empty()) {
        Channel::Outcome outcome = channel.write(bytes());
        if (outcome.status != Channel::Status::moved) {
            // What was written must not pile up behind a slow reader.
            m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_written));
            m_written = 0;
            return outcome;
        }
        m_written += outcome.count;
    }
    clear();
    return {Channel::Status::moved};
}

}  // namespace vmferry::relay
