#include "core/relay/finish_gate.hpp"

namespace vmferry::relay {

namespace {

bool is_finish(const FrameHeader& header)
{
    return header.program == k_program_remote &&
           (header.procedure == k_procedure_finish3 || header.procedure == k_procedure_finish3_params);
}

}  // namespace

FinishGate::Verdict FinishGate::judge_client(const FrameHeader& header)
{
    if (header.type == FrameType::reply) {
        return Verdict::refuse;
    }
    if (header.type != FrameType::call || !is_finish(header)) {
        return Verdict::pass;
    }
    if (m_state != State::idle) {
        return Verdict::refuse;
    }
    m_state = State::called;
    m_call = header;
    return Verdict::called;
}

FinishGate::Verdict FinishGate::judge_target(const FrameHeader& header)
{
    if (header.type == FrameType::call) {
        return Verdict::refuse;
    }
    if (header.type != FrameType::reply || !is_finish(header)) {
        return Verdict::pass;
    }
    if (!answers_finish(header)) {
        return Verdict::refuse;
    }
    m_state = header.status == k_status_ok ? State::held : State::idle;
    return m_state == State::held ? Verdict::hold : Verdict::failed;
}

bool FinishGate::answers_finish(const FrameHeader& header) const
{
    return m_state == State::called && header.procedure == m_call.procedure && header.serial == m_call.serial;
}

}  // namespace vmferry::relay
