// The framing of libvirt's RPC stream: each message is a 28-byte header and a payload. Only the
// header is read here; it is public and stable, the payload is nobody's business but libvirt's.
//
// Pure: no I/O, no threads. Bytes may come in pieces of any size.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vmferry::relay {

using Bytes = std::span<const std::byte>;

/// The length word, and six words of header. The length counts all of them.
constexpr size_t k_header_bytes = 28;
/// VIR_NET_MESSAGE_MAX and the length word, which it leaves out.
constexpr size_t k_frame_bytes_max = 33554432 + 4;

constexpr uint32_t k_program_remote = 0x20008086;
constexpr uint32_t k_program_qemu = 0x20008087;
constexpr uint32_t k_program_lxc = 0x20008088;
constexpr uint32_t k_program_keepalive = 0x6b656570;

enum class FrameType : uint32_t {
    call = 0,
    reply = 1,
    message = 2,
    stream = 3,
    call_with_fds = 4,
    reply_with_fds = 5,
    stream_hole = 6,
};
constexpr uint32_t k_status_ok = 0;
constexpr uint32_t k_status_max = 2;

/// The words of a header in the order of the wire, each big-endian there.
struct FrameHeader {
    uint32_t length = 0;
    uint32_t program = 0;
    uint32_t version = 0;
    uint32_t procedure = 0;
    FrameType type = FrameType::call;
    uint32_t serial = 0;
    uint32_t status = 0;

    [[nodiscard]] static FrameHeader decode(std::span<const std::byte, k_header_bytes> wire);
    [[nodiscard]] std::array<std::byte, k_header_bytes> encode() const;
    /// True for what libvirt 9.0 itself may send without file descriptors. An encrypted stream,
    /// or one that is out of step, fails here within a frame or two.
    [[nodiscard]] bool plausible() const;
};

/// Receives frames in order: begins, any number of payload pieces, ends.
class FrameSink {
public:
    virtual ~FrameSink() = default;
    /// `wire` are the 28 bytes as they came. False ends the reading: this frame is not acceptable.
    [[nodiscard]] virtual bool frame_begins(const FrameHeader& header, Bytes wire) = 0;
    virtual void frame_payload(Bytes payload) = 0;
    virtual void frame_ends() = 0;
};

/// Cuts one direction of a stream into frames. No byte of a frame leaves before its header is complete.
class FrameReader {
public:
    /// False when the stream is not understood, or the sink refused; the reader must then be dropped.
    [[nodiscard]] bool feed(Bytes bytes, FrameSink& sink);

private:
    [[nodiscard]] size_t take_header(Bytes bytes);

    std::array<std::byte, k_header_bytes> m_header{};
    size_t m_header_fill = 0;
    size_t m_payload_left = 0;
};

}  // namespace vmferry::relay
