// Goal: the source counts as ended only when its own events prove that it ended where it stood.
// Method: the orders of events that were seen on real hosts, and those that must never be taken for a proof.

#include "core/libvirt/fence.hpp"

#include <gtest/gtest.h>

namespace vmferry::libvirt {
namespace {

using namespace std::chrono_literals;

ErrorKind unproved(FenceSigns& signs)
{
    const auto proof = signs.wait(1ms);
    return proof ? ErrorKind::internal : proof.error().kind();
}

class FenceSignsTest : public testing::Test {
protected:
    void stop() { signs.lifecycle(VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED); }
    void resume() { signs.lifecycle(VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_MIGRATED); }
    void shut_down(int by) { signs.lifecycle(VIR_DOMAIN_EVENT_SHUTDOWN, by); }

    FenceSigns signs;
};

TEST_F(FenceSignsTest, ShutdownByItsHostAfterQuitIsTheProof)
{
    stop();
    signs.quit_sent();
    shut_down(VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
    EXPECT_TRUE(signs.wait(0ms));
}

TEST_F(FenceSignsTest, SoIsItsEndByConfirmThatCameFirst)
{
    stop();
    signs.quit_sent();
    signs.lifecycle(VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_MIGRATED);
    EXPECT_TRUE(signs.wait(0ms));
}

TEST_F(FenceSignsTest, OneThatRanAgainBeforeItsEndIsNoProof)
{
    stop();
    signs.quit_sent();
    resume();
    shut_down(VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
    EXPECT_TRUE(signs.resumed());
    EXPECT_EQ(unproved(signs), ErrorKind::unknown);
}

TEST_F(FenceSignsTest, AResumeBeforeTheSwitchIsForgotten)
{
    resume();
    stop();
    signs.quit_sent();
    shut_down(VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
    EXPECT_TRUE(signs.wait(0ms));
}

TEST_F(FenceSignsTest, WhatCameBeforeQuitOrFromTheGuestIsNoProof)
{
    stop();
    shut_down(VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
    signs.quit_sent();
    shut_down(VIR_DOMAIN_EVENT_SHUTDOWN_GUEST);
    EXPECT_EQ(unproved(signs), ErrorKind::unknown);
}

TEST_F(FenceSignsTest, ALostConnectionIsNoProofAndIsNotWaitedFor)
{
    signs.quit_sent();
    signs.connection_lost();
    EXPECT_EQ(signs.wait(1h).error().kind(), ErrorKind::unknown);
}

}  // namespace
}  // namespace vmferry::libvirt
