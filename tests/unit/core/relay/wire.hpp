// Frames as they stand on the wire, for the tests of the relay.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/relay/finish_gate.hpp"
#include "core/relay/frame.hpp"

namespace vmferry::relay::test {

using Wire = std::vector<std::byte>;

inline Wire frame(FrameHeader header, size_t payload_bytes = 0, char fill = 'x')
{
    header.length = static_cast<uint32_t>(k_header_bytes + payload_bytes);
    if (header.version == 0) {
        header.version = 1;
    }
    const auto head = header.encode();
    Wire wire(head.begin(), head.end());
    wire.insert(wire.end(), payload_bytes, static_cast<std::byte>(fill));
    return wire;
}

inline Wire call(uint32_t procedure, uint32_t serial, size_t payload_bytes = 40)
{
    return frame({0, k_program_remote, 1, procedure, FrameType::call, serial, 0}, payload_bytes);
}

inline Wire reply(uint32_t procedure, uint32_t serial, uint32_t status = 0, size_t payload_bytes = 60)
{
    return frame({0, k_program_remote, 1, procedure, FrameType::reply, serial, status}, payload_bytes);
}

inline Wire event(size_t payload_bytes = 33)
{
    return frame({0, k_program_remote, 1, 318, FrameType::message, 0, 0}, payload_bytes, 'e');
}

inline Wire ping() { return frame({0, k_program_keepalive, 1, 1, FrameType::message, 0, 0}); }
inline Wire pong() { return frame({0, k_program_keepalive, 1, 2, FrameType::message, 0, 0}); }

inline Wire operator+(Wire left, const Wire& right)
{
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// A migration as libvirt 9.0 talks to the target, up to and without Finish: authentication, opening,
/// keepalive, Prepare3Params.
inline Wire client_opening() { return call(66, 0, 0) + call(60, 1, 4) + call(1, 2, 28) + ping() + call(303, 3, 1200); }
inline Wire target_opening()
{
    return reply(66, 0, 0, 8) + reply(60, 1, 0, 4) + reply(1, 2, 0, 0) + pong() + event() + reply(303, 3, 0, 300);
}
inline Wire finish_call() { return call(k_procedure_finish3_params, 4, 900); }
inline Wire finish_reply(uint32_t status = 0) { return reply(k_procedure_finish3_params, 4, status, 500); }

}  // namespace vmferry::relay::test
