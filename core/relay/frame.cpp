#include "core/relay/frame.hpp"

#include <algorithm>

namespace vmferry::relay {

namespace {

constexpr size_t k_word_bytes = 4;

uint32_t word_at(std::span<const std::byte, k_header_bytes> wire, size_t index)
{
    uint32_t word = 0;
    for (size_t i = 0; i < k_word_bytes; ++i) {
        word = word << 8 | std::to_integer<uint32_t>(wire[index * k_word_bytes + i]);
    }
    return word;
}

}  // namespace

FrameHeader FrameHeader::decode(std::span<const std::byte, k_header_bytes> wire)
{
    return {word_at(wire, 0),
            word_at(wire, 1),
            word_at(wire, 2),
            word_at(wire, 3),
            static_cast<FrameType>(word_at(wire, 4)),
            word_at(wire, 5),
            word_at(wire, 6)};
}

std::array<std::byte, k_header_bytes> FrameHeader::encode() const
{
    const std::array<uint32_t, 7> words{length, program, version, procedure, static_cast<uint32_t>(type),
                                        serial, status};
    std::array<std::byte, k_header_bytes> wire{};
    for (size_t i = 0; i < wire.size(); ++i) {
        const size_t shift = 8 * (k_word_bytes - 1 - i % k_word_bytes);
        wire[i] = static_cast<std::byte>(words[i / k_word_bytes] >> shift & 0xff);
    }
    return wire;
}

bool FrameHeader::plausible() const
{
    const bool known_program = program == k_program_remote || program == k_program_qemu || program == k_program_lxc ||
                               program == k_program_keepalive;
    const bool known_type = type <= FrameType::stream || type == FrameType::stream_hole;
    return length >= k_header_bytes && length <= k_frame_bytes_max && known_program && version == 1 && known_type &&
           status <= k_status_max;
}

size_t FrameReader::take_header(Bytes bytes)
{
    const size_t count = std::min(bytes.size(), k_header_bytes - m_header_fill);
    std::copy_n(bytes.begin(), count, m_header.begin() + static_cast<std::ptrdiff_t>(m_header_fill));
    m_header_fill += count;
    return count;
}

bool FrameReader::feed(Bytes bytes, FrameSink& sink)
{
    while (!bytes.empty()) {
        if (m_header_fill < k_header_bytes) {
            bytes = bytes.subspan(take_header(bytes));
            if (m_header_fill < k_header_bytes) {
                return true;
            }
            const FrameHeader header = FrameHeader::decode(m_header);
            if (!header.plausible() || !sink.frame_begins(header, m_header)) {
                return false;
            }
            m_payload_left = header.length - k_header_bytes;
        }
        const Bytes payload = bytes.first(std::min(bytes.size(), m_payload_left));
        if (!payload.empty()) {
            sink.frame_payload(payload);
            bytes = bytes.subspan(payload.size());
            m_payload_left -= payload.size();
        }
        if (m_payload_left == 0) {
            m_header_fill = 0;
            sink.frame_ends();
        }
    }
    return true;
}

}  // namespace vmferry::relay
