#include "core/relay/dialogue.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/assert.hpp"
#include "core/relay/finish_call.hpp"

namespace vmferry::relay {

namespace {

constexpr uint32_t k_procedure_ping = 1;
constexpr uint32_t k_procedure_pong = 2;

}  // namespace

Dialogue::Dialogue(std::function<void(RelayEvent)> on_event)
    : m_on_event(std::move(on_event)), m_client_side(*this), m_target_side(*this)
{
}

bool Dialogue::from_client(Bytes bytes)
{
    const bool understood = m_client_side.reader.feed(bytes, m_client_side);
    if (!understood && m_complaint.empty()) {
        m_complaint = "the stream of the client is not libvirt's RPC in clear text";
    }
    return understood && m_complaint.empty();
}

bool Dialogue::from_target(Bytes bytes)
{
    const bool understood = m_target_side.reader.feed(bytes, m_target_side);
    if (!understood && m_complaint.empty()) {
        m_complaint = "the stream of the target is not libvirt's RPC in clear text";
    }
    return understood;
}

void Dialogue::target_gone()
{
    m_target_gone = true;
    m_to_target.clear();
}

void Dialogue::release()
{
    VMF_ASSERT(m_held);
    m_to_client.append(m_held_reply);
    m_held_reply.clear();
    m_held = false;
}

void Dialogue::pass_call(bool start)
{
    if (m_waiting_call.empty()) {
        return;
    }
    const bool understood = start || relay::keep_paused(m_waiting_call);
    if (!m_target_gone && understood) {
        m_to_target.append(m_waiting_call);
    }
    m_waiting_call.clear();
}

bool Dialogue::refuse(const FrameHeader& header, const char* why)
{
    m_complaint = fmt::format("{} (program {:#x}, procedure {}, type {}, serial {})", why, header.program,
                              header.procedure, static_cast<uint32_t>(header.type), header.serial);
    return false;
}

bool Dialogue::answer_ping(const FrameHeader& header)
{
    const bool ping = header.program == k_program_keepalive && header.procedure == k_procedure_ping &&
                      header.type == FrameType::message;
    if (!m_held || !ping) {
        return false;
    }
    FrameHeader pong = header;
    pong.length = k_header_bytes;
    pong.procedure = k_procedure_pong;
    m_to_client.append(pong.encode());
    return true;
}

bool Dialogue::ClientSide::frame_begins(const FrameHeader& header, Bytes wire)
{
    const FinishGate::Verdict verdict = dialogue.m_gate.judge_client(header);
    if (verdict == FinishGate::Verdict::refuse) {
        return dialogue.refuse(header, "the client sent a frame that must not pass unseen");
    }
    if (verdict == FinishGate::Verdict::called) {
        dialogue.m_on_event(RelayEvent::finish_called);
    }
    is_finish = verdict == FinishGate::Verdict::called && dialogue.m_keep_paused;
    swallow = dialogue.answer_ping(header) || dialogue.m_target_gone;
    if (is_finish) {
        dialogue.m_waiting_call.assign(wire.begin(), wire.end());
    } else if (!swallow) {
        dialogue.m_to_target.append(wire);
    }
    return true;
}

void Dialogue::ClientSide::frame_payload(Bytes payload)
{
    if (is_finish) {
        dialogue.m_waiting_call.insert(dialogue.m_waiting_call.end(), payload.begin(), payload.end());
    } else if (!swallow && !dialogue.m_target_gone) {
        dialogue.m_to_target.append(payload);
    }
}

void Dialogue::ClientSide::frame_ends()
{
    ++frames;
    if (!std::exchange(is_finish, false)) {
        return;
    }
    if (auto probe = dialogue.m_waiting_call; !relay::keep_paused(probe)) {
        dialogue.m_complaint = "the call of Finish is not one that can leave the target paused";
        dialogue.m_waiting_call.clear();
    } else if (dialogue.m_hold_call) {
        dialogue.m_on_event(RelayEvent::finish_waits);
    } else {
        dialogue.pass_call(false);
    }
}

bool Dialogue::TargetSide::frame_begins(const FrameHeader& header, Bytes wire)
{
    const FinishGate::Verdict verdict = dialogue.m_gate.judge_target(header);
    if (verdict == FinishGate::Verdict::refuse) {
        return dialogue.refuse(header, "the target sent a frame that must not pass unseen");
    }
    if (verdict == FinishGate::Verdict::failed) {
        dialogue.m_on_event(RelayEvent::finish_failed);
    }
    is_finish = verdict == FinishGate::Verdict::hold;
    collect = is_finish || dialogue.m_held;
    if (collect) {
        whole.assign(wire.begin(), wire.end());
    } else {
        dialogue.m_to_client.append(wire);
    }
    return true;
}

void Dialogue::TargetSide::frame_payload(Bytes payload)
{
    if (collect) {
        whole.insert(whole.end(), payload.begin(), payload.end());
    } else {
        dialogue.m_to_client.append(payload);
    }
}

void Dialogue::TargetSide::frame_ends()
{
    ++frames;
    if (is_finish) {
        dialogue.m_held_reply = std::move(whole);
        dialogue.m_held = true;
        dialogue.m_on_event(RelayEvent::finish_held);
    } else if (collect) {
        dialogue.m_to_client.append(whole);
    }
    whole = {};
    is_finish = false;
}

}  // namespace vmferry::relay
