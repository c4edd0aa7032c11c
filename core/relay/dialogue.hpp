// The conversation of libvirt's client with the target's daemon, and the reply of Finish held out of it.
//
// Bytes go in from either side and come out in the outbox of the other; nothing here does I/O.
//
// - Outside of a hold every frame streams through as it comes, whatever its size.
// - The good reply of Finish is kept whole. `finish_held` is said when its last byte is here, so that
//   `release` can deliver it even if the target has become unreachable meanwhile.
// - While it is held, other frames of the target pass only when they are complete: were the target to
//   die within one, the reply would be taken for its missing rest.
// - While it is held, the client's keepalive pings are answered here. Otherwise a dead link would let
//   the client give up, and to give up means to resume the source, whatever has been decided.
// - On request the call of Finish is made to leave the target paused; then it may be kept as well, whole, until it is
//   passed on. The client says nothing meanwhile.
// - A stream that is not understood is not passed on: a Finish in it could not be seen.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/relay/event.hpp"
#include "core/relay/finish_gate.hpp"
#include "core/relay/outbox.hpp"

namespace vmferry::relay {

/// Used by one thread; `on_event` is called from within the calls.
class Dialogue {
public:
    explicit Dialogue(std::function<void(RelayEvent)> on_event);

    /// False: the stream is not understood, or holds what must not pass. `complaint` says why; the
    /// caller ends that side, and these bytes and all after them go nowhere.
    [[nodiscard]] bool from_client(Bytes bytes);
    [[nodiscard]] bool from_target(Bytes bytes);
    [[nodiscard]] const std::string& complaint() const { return m_complaint; }

    /// Nothing can be said to the target any more. A hold outlives it.
    void target_gone();
    [[nodiscard]] bool held() const { return m_held; }
    /// Passes the held reply on. Only while `held()`.
    void release();

    /// From now on a call of Finish is made to leave the target paused (finish_call.hpp).
    void keep_paused() { m_keep_paused = true; }
    /// (after keep_paused) From now on that call waits here until it is passed on.
    void hold_call() { m_hold_call = true; }
    /// Passes the call of Finish on if one waits: as the client made it, or so that the target stays paused.
    void pass_call(bool start);

    [[nodiscard]] Outbox& to_client() { return m_to_client; }
    [[nodiscard]] Outbox& to_target() { return m_to_target; }
    [[nodiscard]] uint64_t frames_to_client() const { return m_target_side.frames; }
    [[nodiscard]] uint64_t frames_to_target() const { return m_client_side.frames; }

private:
    /// Frames that the client sends.
    struct ClientSide final : FrameSink {
        explicit ClientSide(Dialogue& owner) : dialogue(owner) {}
        [[nodiscard]] bool frame_begins(const FrameHeader& header, Bytes wire) override;
        void frame_payload(Bytes payload) override;
        void frame_ends() override;

        Dialogue& dialogue;
        FrameReader reader;
        uint64_t frames = 0;
        bool swallow = false;
        bool is_finish = false;  ///< And it is to be changed.
    };
    /// Frames that the target sends.
    struct TargetSide final : FrameSink {
        explicit TargetSide(Dialogue& owner) : dialogue(owner) {}
        [[nodiscard]] bool frame_begins(const FrameHeader& header, Bytes wire) override;
        void frame_payload(Bytes payload) override;
        void frame_ends() override;

        Dialogue& dialogue;
        FrameReader reader;
        uint64_t frames = 0;
        std::vector<std::byte> whole;  ///< The frame that is being collected.
        bool collect = false;
        bool is_finish = false;
    };

    [[nodiscard]] bool refuse(const FrameHeader& header, const char* why);
    [[nodiscard]] bool answer_ping(const FrameHeader& header);

    std::function<void(RelayEvent)> m_on_event;
    FinishGate m_gate;
    ClientSide m_client_side;
    TargetSide m_target_side;
    Outbox m_to_client;
    Outbox m_to_target;
    std::vector<std::byte> m_waiting_call;
    std::vector<std::byte> m_held_reply;
    bool m_keep_paused = false;
    bool m_hold_call = false;
    bool m_held = false;
    bool m_target_gone = false;
    std::string m_complaint;
};

}  // namespace vmferry::relay
