#include "core/relay/relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "tests/unit/core/relay/fakes.hpp"

namespace vmferry::relay::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(RelayTest, HeldReplyDoesNotReachTheClientUntilReleased)
{
    hold();
    EXPECT_TRUE(client.silent());
    EXPECT_TRUE(relay->release());
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
    EXPECT_TRUE(events.wait_for(RelayEvent::released));
}

TEST_F(RelayTest, ConversationGoesOnAfterTheRelease)
{
    hold();
    ASSERT_TRUE(relay->release());
    ASSERT_EQ(client.receive(finish_reply().size()), finish_reply());
    client.send(ping() + call(2, 5));
    EXPECT_EQ(daemon.receive((ping() + call(2, 5)).size()), ping() + call(2, 5));
    daemon.send(reply(2, 5));
    EXPECT_EQ(client.receive(reply(2, 5).size()), reply(2, 5));
}

TEST_F(RelayTest, DroppedReplyLooksLikeNoReply)
{
    hold();
    relay->drop();
    EXPECT_TRUE(client.at_end());
    EXPECT_TRUE(events.wait_for(RelayEvent::dropped));
    EXPECT_TRUE(daemon.at_end());
}

TEST_F(RelayTest, DropWorksBeforeAnythingIsHeld)
{
    open_dialogue();
    relay->drop();
    EXPECT_TRUE(client.at_end());
    EXPECT_FALSE(relay->release());
}

TEST_F(RelayTest, ReleaseAfterADropIsRefused)
{
    hold();
    relay->drop();
    EXPECT_FALSE(relay->release());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, DropAfterAReleaseDeliversTheReplyFirst)
{
    hold();
    EXPECT_TRUE(relay->release());
    relay->drop();
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
    EXPECT_TRUE(client.at_end());
    EXPECT_TRUE(events.wait_for(RelayEvent::released));
}

TEST_F(RelayTest, EndAfterAReleaseDeliversTheReplyFirst)
{
    hold();
    EXPECT_TRUE(relay->release());
    relay.reset();
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, NothingCanBeReleasedBeforeTheReplyIsThere)
{
    open_dialogue();
    EXPECT_FALSE(relay->release());
    daemon.send(finish_reply());
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
    EXPECT_TRUE(client.silent());
    EXPECT_TRUE(relay->release());
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
}

TEST_F(RelayTest, ReleaseFromWithinTheEventWorks)
{
    Relay* target_of_release = nullptr;
    FakeDaemon other;
    auto started = Relay::start(other.endpoint(), [&](RelayEvent event) {
        events.add(event);
        if (event == RelayEvent::finish_held) {
            EXPECT_TRUE(target_of_release->release());
        }
    });
    ASSERT_TRUE(started);
    target_of_release = started->get();
    Peer far = other.accept();
    Peer near = connect_client(**started);
    near.send(finish_call());
    ASSERT_EQ(far.receive(finish_call().size()), finish_call());
    far.send(finish_reply());
    EXPECT_EQ(near.receive(finish_reply().size()), finish_reply());
}

TEST_F(RelayTest, ErrorReplyIsPassedAtOnce)
{
    open_dialogue();
    daemon.send(finish_reply(1));
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply(1));
    EXPECT_THAT(events.all(), ElementsAre(RelayEvent::finish_called, RelayEvent::finish_failed));
    EXPECT_FALSE(relay->release());
}

TEST_F(RelayTest, KeepaliveOfBothSidesIsServedWhileHolding)
{
    hold();
    client.send(ping());
    EXPECT_EQ(client.receive(pong().size()), pong());
    daemon.send(ping() + event());
    EXPECT_EQ(client.receive((ping() + event()).size()), ping() + event());
    client.send(pong());
    EXPECT_EQ(daemon.receive(pong().size()), pong());
    relay->drop();
}

TEST_F(RelayTest, HeldReplySurvivesTheDeathOfTheTarget)
{
    hold();
    daemon.close();
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    client.send(ping());
    EXPECT_EQ(client.receive(pong().size()), pong());
    EXPECT_TRUE(relay->stats().held);
    EXPECT_TRUE(relay->release());
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, HeldReplyCanBeDroppedAfterTheDeathOfTheTarget)
{
    hold();
    daemon.close();
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    relay->drop();
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, HeldReplySurvivesGarbageOfTheTarget)
{
    hold();
    daemon.send(Wire(64));
    ASSERT_TRUE(events.wait_for(RelayEvent::opaque));
    EXPECT_TRUE(client.silent());
    EXPECT_TRUE(relay->release());
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, DeathOfTheTargetBeforeTheReplyEndsTheClient)
{
    open_dialogue();
    Wire beginning = finish_reply();
    beginning.resize(100);
    daemon.send(beginning);
    daemon.close();
    EXPECT_TRUE(client.at_end());
    ASSERT_TRUE(events.wait_for(RelayEvent::target_closed));
    EXPECT_THAT(events.all(), ElementsAre(RelayEvent::finish_called, RelayEvent::target_closed));
    ASSERT_TRUE(relay->failure());
    EXPECT_EQ(relay->failure()->kind(), ErrorKind::unreachable);
    EXPECT_THAT(relay->failure()->text(), HasSubstr(listener.path()));
}

TEST_F(RelayTest, WhatTheTargetSaidLastIsDeliveredBeforeTheEnd)
{
    daemon.send(target_opening());
    daemon.close();
    EXPECT_EQ(client.receive(target_opening().size()), target_opening());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayTest, WhatTheClientSaidLastIsDeliveredBeforeTheEnd)
{
    client.send(client_opening());
    client.close();
    EXPECT_EQ(daemon.receive(client_opening().size()), client_opening());
    EXPECT_TRUE(daemon.at_end());
    EXPECT_TRUE(events.wait_for(RelayEvent::client_closed));
}

TEST_F(RelayTest, NothingIsHeldAnyMoreWhenTheClientIsGone)
{
    hold();
    client.close();
    ASSERT_TRUE(events.wait_for(RelayEvent::client_closed));
    EXPECT_FALSE(relay->stats().held);
    EXPECT_FALSE(relay->release());
}

TEST_F(RelayTest, StatsTellWhetherTheStreamIsUnderstood)
{
    EXPECT_FALSE(relay->stats().understood());
    open_dialogue();
    EXPECT_TRUE(eventually([&] { return relay->stats().frames_to_target == 6; }));
    EXPECT_EQ(relay->stats().frames_to_client, 6u);
    EXPECT_TRUE(relay->stats().understood());
    EXPECT_TRUE(relay->stats().called_at.has_value());
    EXPECT_FALSE(relay->stats().held_at.has_value());
}

using RelayDeathTest = RelayTest;

TEST_F(RelayDeathTest, EndWithAnUndecidedReplyStopsTheProcessInsteadOfDeciding)
{
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(
        {
            hold();
            relay.reset();
        },
        "undecided");
}

}  // namespace
}  // namespace vmferry::relay::test
