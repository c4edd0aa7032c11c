#include "core/relay/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/relay/wire.hpp"

namespace vmferry::relay::test {
namespace {

using testing::ElementsAre;

Wire content(const Outbox& box) { return {box.bytes().begin(), box.bytes().end()}; }

struct Fixture {
    std::vector<RelayEvent> events;
    Dialogue dialogue{[this](RelayEvent event) { events.push_back(event); }};

    /// Brings the conversation to where the reply is held, and forgets what was said before.
    void hold()
    {
        ASSERT_TRUE(dialogue.from_client(client_opening() + finish_call()));
        ASSERT_TRUE(dialogue.from_target(target_opening() + finish_reply()));
        ASSERT_TRUE(dialogue.held());
        dialogue.to_client().clear();
        dialogue.to_target().clear();
        events.clear();
    }
};

TEST(Dialogue, GoodReplyIsHeldAtEverySplitAndAllElsePasses)
{
    const Wire before = target_opening();
    const Wire after = event() + reply(212, 3) + ping();
    const Wire all = before + finish_reply() + after;
    for (size_t split = 0; split <= all.size(); ++split) {
        Fixture f;
        ASSERT_TRUE(f.dialogue.from_client(client_opening() + finish_call()));
        ASSERT_TRUE(f.dialogue.from_target(Bytes(all).first(split)));
        ASSERT_TRUE(f.dialogue.from_target(Bytes(all).subspan(split)));
        ASSERT_EQ(content(f.dialogue.to_client()), before + after) << split;
        ASSERT_THAT(f.events, ElementsAre(RelayEvent::finish_called, RelayEvent::finish_held)) << split;
        f.dialogue.release();
        ASSERT_EQ(content(f.dialogue.to_client()), before + after + finish_reply()) << split;
    }
}

TEST(Dialogue, CallIsPassedUnchangedAtEverySplit)
{
    const Wire all = client_opening() + finish_call();
    for (size_t split = 0; split <= all.size(); ++split) {
        Fixture f;
        ASSERT_TRUE(f.dialogue.from_client(Bytes(all).first(split)));
        ASSERT_TRUE(f.dialogue.from_client(Bytes(all).subspan(split)));
        ASSERT_EQ(content(f.dialogue.to_target()), all) << split;
    }
}

TEST(Dialogue, NothingIsHeldBeforeTheLastByteOfTheReply)
{
    Fixture f;
    const Wire whole = finish_reply();
    ASSERT_TRUE(f.dialogue.from_client(finish_call()));
    ASSERT_TRUE(f.dialogue.from_target(Bytes(whole).first(whole.size() - 1)));
    EXPECT_FALSE(f.dialogue.held());
    EXPECT_TRUE(f.dialogue.to_client().empty());
    ASSERT_TRUE(f.dialogue.from_target(Bytes(whole).last(1)));
    EXPECT_TRUE(f.dialogue.held());
}

TEST(Dialogue, ErrorReplyIsPassedAtOnce)
{
    Fixture f;
    ASSERT_TRUE(f.dialogue.from_client(finish_call()));
    ASSERT_TRUE(f.dialogue.from_target(finish_reply(1)));
    EXPECT_FALSE(f.dialogue.held());
    EXPECT_EQ(content(f.dialogue.to_client()), finish_reply(1));
    EXPECT_THAT(f.events, ElementsAre(RelayEvent::finish_called, RelayEvent::finish_failed));
}

TEST(Dialogue, KeepaliveOfTheClientIsAnsweredWhileHolding)
{
    Fixture f;
    f.hold();
    ASSERT_TRUE(f.dialogue.from_client(ping() + ping()));
    EXPECT_EQ(content(f.dialogue.to_client()), pong() + pong());
    EXPECT_TRUE(f.dialogue.to_target().empty());
}

TEST(Dialogue, KeepaliveOfTheClientGoesToTheTargetOtherwise)
{
    Fixture f;
    ASSERT_TRUE(f.dialogue.from_client(ping()));
    EXPECT_EQ(content(f.dialogue.to_target()), ping());
    f.hold();
    f.dialogue.release();
    ASSERT_TRUE(f.dialogue.from_client(ping()));
    EXPECT_EQ(content(f.dialogue.to_target()), ping());
}

TEST(Dialogue, KeepaliveOfTheTargetGoesOnWhileHolding)
{
    Fixture f;
    f.hold();
    ASSERT_TRUE(f.dialogue.from_target(ping()));
    EXPECT_EQ(content(f.dialogue.to_client()), ping());
    ASSERT_TRUE(f.dialogue.from_client(pong()));
    EXPECT_EQ(content(f.dialogue.to_target()), pong());
}

TEST(Dialogue, TargetThatDiesWithinAFrameCannotSpoilTheReleaseOfTheReply)
{
    Fixture f;
    f.hold();
    const Wire cut = event(1000);
    ASSERT_TRUE(f.dialogue.from_target(Bytes(cut).first(500)));
    f.dialogue.target_gone();
    ASSERT_TRUE(f.dialogue.from_client(ping()));
    f.dialogue.release();
    EXPECT_EQ(content(f.dialogue.to_client()), pong() + finish_reply());
}

TEST(Dialogue, ClientMayGoOnWhenTheTargetIsGone)
{
    Fixture f;
    f.hold();
    f.dialogue.target_gone();
    ASSERT_TRUE(f.dialogue.from_client(call(2, 5) + ping()));
    EXPECT_TRUE(f.dialogue.to_target().empty());
    EXPECT_EQ(content(f.dialogue.to_client()), pong());
}

TEST(Dialogue, HeaderOfTheReplyAloneIsNoReply)
{
    Fixture f;
    const Wire whole = finish_reply();
    ASSERT_TRUE(f.dialogue.from_client(finish_call()));
    ASSERT_TRUE(f.dialogue.from_target(Bytes(whole).first(k_header_bytes + 10)));
    f.dialogue.target_gone();
    EXPECT_FALSE(f.dialogue.held());
    EXPECT_TRUE(f.dialogue.to_client().empty());
}

TEST(Dialogue, EncryptedStreamIsNotPassed)
{
    // A TLS record, and a packet of SASL: a length word and noise.
    const Wire tls{std::byte{0x16}, std::byte{3}, std::byte{1}, std::byte{2}};
    FrameHeader noise{300, 0xdeadbeef, 0x12345678, 1, FrameType::call, 0, 0};
    for (const Wire& wire : {tls + Wire(24), frame(noise, 200)}) {
        Fixture f;
        EXPECT_FALSE(f.dialogue.from_target(wire));
        EXPECT_TRUE(f.dialogue.to_client().empty());
        EXPECT_NE(f.dialogue.complaint().find("target"), std::string::npos);
        EXPECT_FALSE(f.dialogue.from_client(wire));
        EXPECT_TRUE(f.dialogue.to_target().empty());
    }
}

TEST(Dialogue, FinishThatNobodyCalledIsNotPassed)
{
    Fixture f;
    EXPECT_FALSE(f.dialogue.from_target(finish_reply()));
    EXPECT_TRUE(f.dialogue.to_client().empty());
    EXPECT_NE(f.dialogue.complaint().find("306"), std::string::npos);
}

/// A call that starts the target: neither PAUSED nor cancelled.
Wire good_call()
{
    Wire wire = finish_call();
    std::fill(wire.end() - 8, wire.end(), std::byte{0});
    wire[wire.size() - 5] = std::byte{0x01};
    return wire;
}

Wire paused_call()
{
    Wire wire = good_call();
    wire[wire.size() - 5] = std::byte{0x21};
    return wire;
}

TEST(Dialogue, CallThatWouldStartTheTargetIsMadeToLeaveItPausedAtEverySplit)
{
    const Wire all = client_opening() + good_call();
    for (size_t split = 0; split <= all.size(); ++split) {
        Fixture f;
        f.dialogue.keep_paused();
        ASSERT_TRUE(f.dialogue.from_client(Bytes(all).first(split)));
        ASSERT_TRUE(f.dialogue.from_client(Bytes(all).subspan(split)));
        ASSERT_EQ(content(f.dialogue.to_target()), client_opening() + paused_call()) << split;
        ASSERT_THAT(f.events, ElementsAre(RelayEvent::finish_called)) << split;
    }
}

TEST(Dialogue, CallIsKeptOnRequestAndPassedOnce)
{
    for (const bool start : {false, true}) {
        Fixture f;
        f.dialogue.keep_paused();
        f.dialogue.hold_call();
        ASSERT_TRUE(f.dialogue.from_client(client_opening() + good_call()));
        EXPECT_EQ(content(f.dialogue.to_target()), client_opening());
        EXPECT_THAT(f.events, ElementsAre(RelayEvent::finish_called, RelayEvent::finish_waits));
        f.dialogue.pass_call(start);
        f.dialogue.pass_call(true);
        EXPECT_EQ(content(f.dialogue.to_target()), client_opening() + (start ? good_call() : paused_call()));
        ASSERT_TRUE(f.dialogue.from_target(target_opening() + finish_reply()));
        EXPECT_TRUE(f.dialogue.held());
    }
}

TEST(Dialogue, CallThatCannotLeaveTheTargetPausedIsNotPassed)
{
    Fixture f;
    f.dialogue.keep_paused();
    EXPECT_FALSE(f.dialogue.from_client(call(k_procedure_finish3, 4, 900)));
    EXPECT_TRUE(f.dialogue.to_target().empty());
    EXPECT_THAT(f.dialogue.complaint(), testing::HasSubstr("paused"));
}

TEST(Dialogue, CallThatWasKeptGoesNowhereWhenTheTargetIsGone)
{
    Fixture f;
    f.dialogue.keep_paused();
    f.dialogue.hold_call();
    ASSERT_TRUE(f.dialogue.from_client(good_call()));
    f.dialogue.target_gone();
    f.dialogue.pass_call(true);
    EXPECT_TRUE(f.dialogue.to_target().empty());
}

TEST(Dialogue, FramesAreCountedEachWay)
{
    Fixture f;
    ASSERT_TRUE(f.dialogue.from_client(client_opening()));
    ASSERT_TRUE(f.dialogue.from_target(target_opening()));
    EXPECT_EQ(f.dialogue.frames_to_target(), 5u);
    EXPECT_EQ(f.dialogue.frames_to_client(), 6u);
}

}  // namespace
}  // namespace vmferry::relay::test
