// Bytes that wait for a Channel to take them.

#pragma once

#include <cstddef>
#include <vector>

#include "core/relay/channel.hpp"

namespace vmferry::relay {

class Outbox {
public:
    void append(Bytes bytes) { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }
    [[nodiscard]] size_t size() const { return m_bytes.size() - m_written; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] Bytes bytes() const { return Bytes(m_bytes).subspan(m_written); }
    void clear();

    /// Writes what `channel` takes now. Status `moved` when the box became empty.
    [[nodiscard]] Channel::Outcome flush(Channel& channel);

private:
    std::vector<std::byte> m_bytes;
    size_t m_written = 0;
};

}  // namespace vmferry::relay
