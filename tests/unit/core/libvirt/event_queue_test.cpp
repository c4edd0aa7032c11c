#include "core/libvirt/event_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace vmferry::libvirt {
namespace {

using namespace std::chrono_literals;
using world::MigrationEvent;

TEST(EventQueue, KeepsTheOrderAndReportsEachOnce)
{
    EventQueue queue;
    for (const MigrationEvent event :
         {MigrationEvent::suspended, MigrationEvent::held, MigrationEvent::suspended, MigrationEvent::target_lost,
          MigrationEvent::target_lost, MigrationEvent::returned}) {
        queue.push(event);
    }
    EXPECT_EQ(queue.next(0ms), MigrationEvent::suspended);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::held);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::target_lost);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::returned);
    EXPECT_EQ(queue.next(1ms), MigrationEvent::timeout);
}

TEST(EventQueue, WakesAgainAndAgain)
{
    EventQueue queue;
    queue.push(MigrationEvent::woken);
    queue.push(MigrationEvent::woken);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::woken);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::timeout);
    queue.push(MigrationEvent::woken);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::woken);
}

TEST(EventQueue, ExpectedLossOfTheTargetIsNoEvent)
{
    EventQueue queue;
    queue.expect_target_loss();
    queue.push(MigrationEvent::target_lost);
    EXPECT_EQ(queue.next(0ms), MigrationEvent::timeout);
}

TEST(EventQueue, CallOfFinishIsTheStopOnlyOfAVmThatStoodStill)
{
    EventQueue running;
    running.finish_called();
    EXPECT_EQ(running.next(0ms), MigrationEvent::timeout);
    EventQueue paused;
    paused.expect_no_stop();
    paused.finish_called();
    EXPECT_EQ(paused.next(0ms), MigrationEvent::suspended);
}

TEST(EventQueue, WaitsForAnotherThread)
{
    EventQueue queue;
    std::thread other([&queue] {
        std::this_thread::sleep_for(20ms);
        queue.push(MigrationEvent::held);
    });
    EXPECT_EQ(queue.next(5s), MigrationEvent::held);
    other.join();
}

}  // namespace
}  // namespace vmferry::libvirt
