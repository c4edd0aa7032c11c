// Knows which frame is the reply that decides a migration.
//
// In protocol version 3 libvirt's client calls Finish on the target and then, by its reply, ends or
// resumes the source. The gate sees the headers of both directions and names that one reply.
//
// - A reply is only taken for the decision if program, procedure and serial are those of the call.
// - A second Finish call while one is open or after one was held is refused: nobody would expect
//   its reply to be held, and it must not pass unseen. After a failed Finish a new one is fine.
//
// Pure. Both directions are judged in the thread of the relay.

#pragma once

#include <cstdint>

#include "core/relay/frame.hpp"

namespace vmferry::relay {

/// remote_protocol.x; Finish and Finish2 belong to protocols that a libvirt of this century does not choose.
constexpr uint32_t k_procedure_finish3 = 217;
constexpr uint32_t k_procedure_finish3_params = 306;

class FinishGate {
public:
    enum class Verdict {
        pass,    ///< Not our business.
        called,  ///< The call of Finish: pass it on.
        hold,    ///< The reply of Finish, and the target is loaded: the decision is ours.
        failed,  ///< The reply of Finish is an error: pass it on, libvirt goes back by itself.
        refuse,  ///< A frame that must not pass: carries descriptors, or a Finish nobody expects.
    };

    /// Judges a frame from the client.
    [[nodiscard]] Verdict judge_client(const FrameHeader& header);
    /// Judges a frame from the target.
    [[nodiscard]] Verdict judge_target(const FrameHeader& header);

private:
    enum class State { idle, called, held };

    [[nodiscard]] bool answers_finish(const FrameHeader& header) const;

    State m_state = State::idle;
    FrameHeader m_call;
};

}  // namespace vmferry::relay
