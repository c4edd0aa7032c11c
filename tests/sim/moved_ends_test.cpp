// Which ends of stories are taken for equal.

#include "tests/sim/moved_ends.hpp"

#include <gtest/gtest.h>

#include "tests/sim/story.hpp"

namespace vmferry::sim {

TEST(MovedEnds, TheVmIsMovedOnceMoreFromEveryEndThatDiffersInWhatAMoveCanMeet)
{
    const Shape shape = find_shape("plain")->shape;
    Universe universe(shape);
    MovedEnds ends;
    ends.add(MovedEnds::End::of(universe, shape));
    Instance& live = *universe.machine(Side::source).domain.live;
    live.id += 5;
    live.instructions += 1000;
    EXPECT_TRUE(ends.contains(MovedEnds::End::of(universe, shape))) << "each story has its own numbers";
    const auto is_new = [&] { return !ends.contains(MovedEnds::End::of(universe, shape)); };
    live.qemu = Qemu::postmigrate;
    EXPECT_TRUE(is_new());
    live.qemu = Qemu::running;
    live.memory += 1;
    EXPECT_TRUE(is_new()) << "it is not the newest any more";
    live.memory -= 1;
    universe.machine(Side::target).pools.insert("left");
    EXPECT_TRUE(is_new());
    universe.machine(Side::target).pools.clear();
    universe.shared_files["/shared/probe"] = "left";
    EXPECT_TRUE(is_new());
    universe.shared_files.clear();
    EXPECT_FALSE(is_new());
    EXPECT_FALSE(ends.contains(MovedEnds::End::of(universe, find_shape("paused")->shape)));
}

}  // namespace vmferry::sim
