#include "core/relay/finish_call.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/relay/wire.hpp"

namespace vmferry::relay::test {
namespace {

/// As libvirt 9.0 sends it: parameters and cookie, then flags and cancelled.
Wire finish(uint32_t procedure, uint32_t flags, uint32_t cancelled)
{
    Wire wire = call(procedure, 4, 900);
    for (size_t i = 0; i < 4; ++i) {
        wire[wire.size() - 8 + i] = static_cast<std::byte>(flags >> (24 - 8 * i));
        wire[wire.size() - 4 + i] = static_cast<std::byte>(cancelled >> (24 - 8 * i));
    }
    return wire;
}

constexpr uint32_t k_flags = 0x00208209;   // LIVE, PERSIST_DEST, POSTCOPY and more.
constexpr uint32_t k_paused = 0x00208229;  // The same with PAUSED (1 << 5).

TEST(FinishCall, OnlyTheFlagThatKeepsTheTargetPausedIsPutIn)
{
    Wire wire = finish(k_procedure_finish3_params, k_flags, 0);
    EXPECT_TRUE(keep_paused(wire));
    EXPECT_EQ(wire, finish(k_procedure_finish3_params, k_paused, 0));
    EXPECT_TRUE(keep_paused(wire));
    EXPECT_EQ(wire, finish(k_procedure_finish3_params, k_paused, 0));
}

TEST(FinishCall, WhatCancelsTheMoveStaysAsItIs)
{
    for (const uint32_t cancelled : {1U, 0x01000000U}) {
        const Wire whole = finish(k_procedure_finish3_params, k_flags, cancelled);
        Wire wire = whole;
        EXPECT_TRUE(keep_paused(wire));
        EXPECT_EQ(wire, whole);
    }
}

TEST(FinishCall, WhatIsNotUnderstoodIsNotTakenForPaused)
{
    const Wire other = finish(303, k_flags, 0);
    const Wire older = finish(k_procedure_finish3, k_flags, 0);
    const Wire brief = call(k_procedure_finish3_params, 4, 4);
    for (const Wire& whole : {other, older, brief, Wire{}}) {
        Wire wire = whole;
        EXPECT_FALSE(keep_paused(wire));
        EXPECT_EQ(wire, whole);
    }
}

}  // namespace
}  // namespace vmferry::relay::test
