// The relay and streams that are large, slow, unreadable or cut.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "tests/unit/core/relay/fakes.hpp"

namespace vmferry::relay::test {
namespace {

using RelayStream = RelayTest;

constexpr size_t k_mib = size_t{1024} * 1024;

TEST_F(RelayStream, LongestMessageOfLibvirtPassesWhole)
{
    const Wire big = call(350, 1, k_frame_bytes_max - k_header_bytes);
    std::thread sender([&] { client.send(big); });
    EXPECT_TRUE(daemon.receive(big.size()) == big);
    sender.join();
}

TEST_F(RelayStream, LongReplyOfFinishIsHeldWhole)
{
    open_dialogue();
    const Wire big = reply(k_procedure_finish3_params, 4, 0, 8 * k_mib);
    daemon.send(big);
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
    EXPECT_TRUE(client.silent());
    ASSERT_TRUE(relay->release());
    EXPECT_TRUE(client.receive(big.size()) == big);
}

TEST_F(RelayStream, SlowReaderStopsTheSenderAndLosesNothing)
{
    const Wire big = event(16 * k_mib);
    std::thread sender([&] { daemon.send(big); });
    // Nobody reads yet: the sender must be stuck with most of it.
    std::this_thread::sleep_for(Milliseconds(300));
    EXPECT_LT(relay->stats().frames_to_client, 1u);
    EXPECT_TRUE(client.receive(big.size()) == big);
    sender.join();
}

TEST_F(RelayStream, OneSlowDirectionDoesNotStopTheOther)
{
    const Wire big = event(16 * k_mib);
    std::thread sender([&] { daemon.send(big); });
    for (uint32_t serial = 0; serial < 100; ++serial) {
        client.send(call(1, serial, 2000));
        ASSERT_EQ(daemon.receive(call(1, serial, 2000).size()), call(1, serial, 2000));
    }
    EXPECT_TRUE(client.receive(big.size()) == big);
    sender.join();
}

TEST_F(RelayStream, FullStreamsBothWaysDoNotLockEachOther)
{
    const Wire down = event(8 * k_mib);
    const Wire up = call(1, 1, 8 * k_mib);
    std::thread daemon_sender([&] { daemon.send(down); });
    std::thread client_sender([&] { client.send(up); });
    std::thread daemon_reader([&] { EXPECT_TRUE(daemon.receive(up.size()) == up); });
    EXPECT_TRUE(client.receive(down.size()) == down);
    daemon_sender.join();
    client_sender.join();
    daemon_reader.join();
}

TEST_F(RelayStream, DropDoesNotWaitForAReaderWhoIsStuck)
{
    const Wire big = event(16 * k_mib);
    std::thread sender([&] { daemon.send(big); });
    std::this_thread::sleep_for(Milliseconds(50));
    relay->drop();
    EXPECT_TRUE(events.wait_for(RelayEvent::dropped));
    sender.join();
    EXPECT_TRUE(daemon.at_end());
}

TEST_F(RelayStream, SingleBytesFromBothSidesArriveInOrder)
{
    for (const std::byte& byte : client_opening() + finish_call()) {
        client.send(Wire{byte});
    }
    EXPECT_EQ(daemon.receive((client_opening() + finish_call()).size()), client_opening() + finish_call());
    for (const std::byte& byte : finish_reply() + event()) {
        daemon.send(Wire{byte});
    }
    ASSERT_TRUE(events.wait_for(RelayEvent::finish_held));
    EXPECT_EQ(client.receive(event().size()), event());
    relay->drop();
}

TEST_F(RelayStream, EncryptedStreamIsCutOffAndNamed)
{
    client.send(client_opening());
    ASSERT_EQ(daemon.receive(client_opening().size()), client_opening());
    FrameHeader sasl{};
    sasl.program = 0x9a7b11ce;
    daemon.send(frame(sasl, 100));
    EXPECT_TRUE(client.at_end());
    ASSERT_TRUE(events.wait_for(RelayEvent::opaque));
    EXPECT_TRUE(relay->stats().opaque);
    EXPECT_FALSE(relay->stats().understood());
    ASSERT_TRUE(relay->failure());
    EXPECT_EQ(relay->failure()->kind(), ErrorKind::failed);
    EXPECT_NE(relay->failure()->text().find("clear text"), std::string::npos);
}

TEST_F(RelayStream, DescriptorsAreRefused)
{
    client.send(frame({0, k_program_remote, 1, 1, FrameType::call_with_fds, 1, 0}, 4));
    ASSERT_TRUE(events.wait_for(RelayEvent::opaque));
    EXPECT_TRUE(daemon.at_end());
    EXPECT_TRUE(client.at_end());
}

TEST_F(RelayStream, SecondFinishIsNotLetThroughWhileOneIsHeld)
{
    hold();
    client.send(call(k_procedure_finish3_params, 9));
    ASSERT_TRUE(events.wait_for(RelayEvent::opaque));
    EXPECT_TRUE(relay->stats().held);
    EXPECT_TRUE(daemon.silent());
    EXPECT_TRUE(relay->release());
    EXPECT_EQ(client.receive(finish_reply().size()), finish_reply());
}

TEST_F(RelayStream, HalfClosedTargetIsAClosedTarget)
{
    ::shutdown(daemon.fd(), SHUT_WR);
    EXPECT_TRUE(events.wait_for(RelayEvent::target_closed));
    EXPECT_TRUE(client.at_end());
}

}  // namespace
}  // namespace vmferry::relay::test
