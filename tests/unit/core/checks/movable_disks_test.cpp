#include "core/checks/movable_disks.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace vmferry::checks {
namespace {

model::Disk file_disk(const std::string& target)
{
    model::Disk disk;
    disk.target = target;
    disk.device = "disk";
    disk.kind = model::DiskKind::file;
    disk.source = "/images/" + target;
    disk.format = "qcow2";
    return disk;
}

model::DomainFacts running()
{
    model::DomainFacts domain;
    domain.name = "web1";
    domain.now.reachable = domain.now.exists = domain.now.persistent = true;
    domain.now.state = model::RunState::running;
    domain.now.id = 1;
    domain.disks = {file_disk("vda"), file_disk("vdb")};
    return domain;
}

TEST(MovableDisks, AllThatCanMoveWhenNoneIsNamed)
{
    model::DomainFacts domain = running();
    domain.disks[1].device = "cdrom";
    const auto chosen = movable_disks(domain, {});
    ASSERT_TRUE(chosen);
    ASSERT_EQ(chosen->size(), 1U);
    EXPECT_EQ(chosen->front().target, "vda");
    domain.disks[0].read_only = true;
    EXPECT_EQ(movable_disks(domain, {}).error().kind(), ErrorKind::blocked);
}

TEST(MovableDisks, AnUnknownDiskIsNotFoundAndAllOthersAreNamed)
{
    const auto chosen = movable_disks(running(), {"vdx"});
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().kind(), ErrorKind::not_found);
    EXPECT_NE(chosen.error().what().find("vda, vdb"), std::string::npos);
    EXPECT_EQ(movable_disks(running(), {"vda", "vda"}).error().kind(), ErrorKind::usage);
}

TEST(MovableDisks, WhatIsNotAFileOfTheVmsOwnIsRefused)
{
    const std::vector<std::pair<std::string, std::function<void(model::Disk&)>>> reasons{
        {"cdrom", [](model::Disk& disk) { disk.device = "cdrom"; }},
        {"no image", [](model::Disk& disk) { disk.source.clear(); }},
        {"read-only", [](model::Disk& disk) { disk.read_only = true; }},
        {"shared", [](model::Disk& disk) { disk.shareable = true; }},
        {"transient", [](model::Disk& disk) { disk.transient = true; }},
        {"not a file", [](model::Disk& disk) { disk.kind = model::DiskKind::block; }},
        {"not a file", [](model::Disk& disk) { disk.kind = model::DiskKind::network; }},
        {"encrypted", [](model::Disk& disk) { disk.encrypted = true; }},
        {"vmdk", [](model::Disk& disk) { disk.format = "vmdk"; }},
    };
    for (const auto& [word, spoil] : reasons) {
        model::DomainFacts domain = running();
        spoil(domain.disks[0]);
        const auto chosen = movable_disks(domain, {"vda"});
        ASSERT_FALSE(chosen) << word;
        EXPECT_EQ(chosen.error().kind(), ErrorKind::blocked) << word;
        EXPECT_EQ(chosen.error().id(), "VMF-E202") << word;
        EXPECT_NE(chosen.error().what().find(word), std::string::npos) << chosen.error().what();
    }
}

TEST(MovableDisks, TheVmMustBeUndisturbed)
{
    EXPECT_TRUE(disks_may_move(running()));
    const std::vector<std::function<void(model::DomainFacts&)>> reasons{
        [](model::DomainFacts& domain) { domain.managed_save = true; },
        [](model::DomainFacts& domain) { domain.now.state = model::RunState::paused; },
        [](model::DomainFacts& domain) { domain.now.persistent = false; },
        [](model::DomainFacts& domain) { domain.now.job_active = true; },
        [](model::DomainFacts& domain) { domain.block_jobs = {"vda"}; },
        [](model::DomainFacts& domain) { domain.snapshots = 1; },
        [](model::DomainFacts& domain) { domain.checkpoints = 1; },
        [](model::DomainFacts& domain) { domain.disk_errors = {"vda"}; },
    };
    for (size_t i = 0; i < reasons.size(); ++i) {
        model::DomainFacts domain = running();
        reasons[i](domain);
        const auto may = disks_may_move(domain);
        ASSERT_FALSE(may) << i;
        EXPECT_EQ(may.error().id(), "VMF-E201") << i;
        EXPECT_EQ(may.error().kind(), ErrorKind::blocked) << i;
    }
}

TEST(MovableDisks, AVmThatIsOffHasOnlyItsDefinition)
{
    model::DomainFacts domain = running();
    domain.now.state = model::RunState::shut_off;
    EXPECT_TRUE(disks_may_move(domain));
    const model::Disk disk = file_disk("vda");
    world::DiskState state;
    state.target = "vda";
    state.inactive = disk.source;
    state.inactive_format = "qcow2";
    EXPECT_TRUE(image_is_steady(disk, &state));
    state.inactive = "/images/older";
    EXPECT_FALSE(image_is_steady(disk, &state));
}

TEST(MovableDisks, InstanceAndDefinitionMustAgree)
{
    const model::Disk disk = file_disk("vda");
    world::DiskState state;
    state.target = "vda";
    state.live = state.inactive = disk.source;
    state.live_format = state.inactive_format = "qcow2";
    EXPECT_TRUE(image_is_steady(disk, &state));
    EXPECT_FALSE(image_is_steady(disk, nullptr));
    world::DiskState other = state;
    other.inactive = "/images/older";
    EXPECT_FALSE(image_is_steady(disk, &other));
    other = state;
    other.inactive_format = "raw";
    EXPECT_FALSE(image_is_steady(disk, &other));
    other = state;
    other.copy = "/elsewhere";
    EXPECT_FALSE(image_is_steady(disk, &other));
}

}  // namespace
}  // namespace vmferry::checks
