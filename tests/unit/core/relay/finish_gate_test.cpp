#include "core/relay/finish_gate.hpp"

#include <gtest/gtest.h>

namespace vmferry::relay::test {
namespace {

using Verdict = FinishGate::Verdict;

FrameHeader header(FrameType type, uint32_t procedure, uint32_t serial, uint32_t status = 0,
                   uint32_t program = k_program_remote)
{
    return {28, program, 1, procedure, type, serial, status};
}

class BothFinishes : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(FinishGate, BothFinishes, testing::Values(k_procedure_finish3, k_procedure_finish3_params));

TEST_P(BothFinishes, GoodReplyIsHeld)
{
    FinishGate gate;
    EXPECT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 9)), Verdict::called);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 9)), Verdict::hold);
}

TEST_P(BothFinishes, ErrorReplyPassesAndAnotherFinishMayFollow)
{
    FinishGate gate;
    ASSERT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 9)), Verdict::called);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 9, 1)), Verdict::failed);
    EXPECT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 12)), Verdict::called);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 12)), Verdict::hold);
}

TEST_P(BothFinishes, ReplyOfAnotherSerialIsRefused)
{
    FinishGate gate;
    ASSERT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 9)), Verdict::called);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 8)), Verdict::refuse);
}

TEST_P(BothFinishes, ReplyWithoutCallIsRefused)
{
    FinishGate gate;
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 9)), Verdict::refuse);
}

TEST_P(BothFinishes, SecondFinishIsRefusedWhileOneIsOpenOrHeld)
{
    FinishGate gate;
    ASSERT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 9)), Verdict::called);
    EXPECT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 10)), Verdict::refuse);
    ASSERT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 9)), Verdict::hold);
    EXPECT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 11)), Verdict::refuse);
}

TEST_P(BothFinishes, SameNumberInAnotherProgramIsNotFinish)
{
    FinishGate gate;
    EXPECT_EQ(gate.judge_client(header(FrameType::call, GetParam(), 9, 0, k_program_qemu)), Verdict::pass);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, GetParam(), 9, 0, k_program_qemu)), Verdict::pass);
}

TEST(FinishGate, AnswerByTheOtherFinishIsRefused)
{
    FinishGate gate;
    ASSERT_EQ(gate.judge_client(header(FrameType::call, k_procedure_finish3, 9)), Verdict::called);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, k_procedure_finish3_params, 9)), Verdict::refuse);
}

TEST(FinishGate, EverythingElsePasses)
{
    FinishGate gate;
    ASSERT_EQ(gate.judge_client(header(FrameType::call, k_procedure_finish3, 9)), Verdict::called);
    EXPECT_EQ(gate.judge_client(header(FrameType::call, 303, 10)), Verdict::pass);
    EXPECT_EQ(gate.judge_client(header(FrameType::stream, k_procedure_finish3, 9)), Verdict::pass);
    EXPECT_EQ(gate.judge_target(header(FrameType::reply, 303, 9)), Verdict::pass);
    EXPECT_EQ(gate.judge_target(header(FrameType::message, 318, 0)), Verdict::pass);
    EXPECT_EQ(gate.judge_target(header(FrameType::message, 1, 0, 0, k_program_keepalive)), Verdict::pass);
}

TEST(FinishGate, CallsOnlyComeFromTheClientAndRepliesFromTheTarget)
{
    FinishGate gate;
    EXPECT_EQ(gate.judge_client(header(FrameType::reply, 1, 1)), Verdict::refuse);
    EXPECT_EQ(gate.judge_target(header(FrameType::call, 1, 1)), Verdict::refuse);
}

}  // namespace
}  // namespace vmferry::relay::test
