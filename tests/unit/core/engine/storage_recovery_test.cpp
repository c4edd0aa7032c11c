// Goal: the table of storage-move has exactly one row for every situation, and no row can lose what the guest wrote.
// Method: enumerate all stages x VMs x disks x copies (512) and check each; then properties, then classification.

#include "core/engine/storage_recovery.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

namespace vmferry::engine {
namespace {

using A = StorageAction;

bool has(unsigned bits, unsigned value) { return ((bits >> value) & 1U) != 0; }

bool applies(const StorageRow& row, const StorageSituation& is)
{
    return has(row.stages, static_cast<unsigned>(is.stage)) && has(row.vms, static_cast<unsigned>(is.vm)) &&
           has(row.disks, static_cast<unsigned>(is.disks)) && has(row.copies, static_cast<unsigned>(is.copies));
}

std::vector<StorageSituation> all_situations()
{
    std::vector<StorageSituation> all;
    for (unsigned stage = 0; stage < k_stage_count; ++stage) {
        for (unsigned vm = 0; vm < k_vm_count; ++vm) {
            for (unsigned disks = 0; disks < k_disks_count; ++disks) {
                for (unsigned copies = 0; copies < k_copies_count; ++copies) {
                    all.push_back({static_cast<Stage>(stage), static_cast<VmIs>(vm), static_cast<DisksAre>(disks),
                                   static_cast<CopiesAre>(copies)});
                }
            }
        }
    }
    return all;
}

std::string name_of(const StorageSituation& is)
{
    return std::string(to_string(is.stage)) + " / " + std::string(to_string(is.vm)) + " / " +
           std::string(to_string(is.disks)) + " / " + std::string(to_string(is.copies));
}

void expect_everywhere(const std::function<bool(const StorageSituation&, A)>& promise)
{
    for (const StorageSituation& is : all_situations()) {
        const StorageRow& row = decide(is);
        EXPECT_TRUE(promise(is, row.action))
            << name_of(is) << " -> " << row.name << " (" << to_string(row.action) << ")";
    }
}

/// These delete the new images.
bool deletes_new(A action) { return action == A::back || action == A::guest_off; }
bool decided(Stage stage) { return stage == Stage::commit || stage == Stage::resumed; }

TEST(StorageTable, EverySituationHasExactlyOneRow)
{
    for (const StorageSituation& is : all_situations()) {
        std::string found;
        int count = 0;
        for (const StorageRow& row : storage_table()) {
            if (applies(row, is)) {
                ++count;
                found += " " + std::string(row.name);
            }
        }
        EXPECT_EQ(count, 1) << name_of(is) << ":" << found;
    }
}

TEST(StorageTable, EveryRowIsReachableAndHasItsOwnName)
{
    std::set<std::string_view> used;
    for (const StorageSituation& is : all_situations()) {
        used.insert(decide(is).name);
    }
    std::set<std::string_view> names;
    for (const StorageRow& row : storage_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(used.contains(row.name)) << row.name;
        EXPECT_FALSE(row.reason.empty()) << row.name;
    }
}

TEST(StorageTable, NewImagesAreDeletedOnlyWhenEachDiskIsSeenOnItsOldOne)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        return !deletes_new(action) || (is.disks == DisksAre::all_old && !decided(is.stage));
    });
}

TEST(StorageTable, OldImagesAreDeletedOnlyWhenEachDiskIsSeenOnItsNewOneOrCommitSaysSo)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        const bool stale_definition = decided(is.stage) && is.vm == VmIs::off && is.disks != DisksAre::foreign;
        return action != A::forward || is.disks == DisksAre::all_new || stale_definition;
    });
}

TEST(StorageTable, AfterPivotIntentAnEndedVmLosesNoImage)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        const bool ended = is.vm == VmIs::off || is.vm == VmIs::restarted;
        const bool pivoting = is.stage == Stage::intent || is.stage == Stage::abort;
        return !(ended && pivoting) || !deletes_new(action);
    });
}

TEST(StorageTable, NothingGoesBackOnceTheGuestMayHaveWrittenToNewImages)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        return !decided(is.stage) || action == A::forward || action == A::doubt || action == A::wait;
    });
}

TEST(StorageTable, CommitIsNotWrittenAfterTheWayBackWasDecided)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        return is.stage != Stage::abort || (action != A::forward && action != A::pivot_rest);
    });
}

TEST(StorageTable, DisksChangeOnlyWhileTheGuestStandsWithCompleteCopies)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        return action != A::pivot_rest || (is.vm == VmIs::held && is.copies == CopiesAre::ready);
    });
}

TEST(StorageTable, CopyingBackNeedsARunningEmulator)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        const bool active =
            is.vm == VmIs::runs || is.vm == VmIs::held || is.vm == VmIs::paused_other || is.vm == VmIs::restarted;
        return action != A::copy_back || (active && is.disks == DisksAre::mixed);
    });
}

TEST(StorageTable, WhatCannotBeSeenOrIsNotOursChangesNothing)
{
    expect_everywhere([](const StorageSituation& is, A action) {
        const bool of_two_hosts = is.stage == Stage::native || is.stage == Stage::fencing;
        const bool unclear = of_two_hosts || is.vm == VmIs::unreachable || is.vm == VmIs::gone ||
                             (is.disks == DisksAre::foreign && is.vm != VmIs::working);
        return !unclear || action == A::doubt;
    });
}

model::StorageMove two_disks()
{
    model::StorageMove move;
    for (const char* target : {"vda", "vdb"}) {
        model::DiskMove& disk = move.disks.emplace_back();
        disk.target = target;
        disk.from = std::string("/old/") + target;
        disk.to = std::string("/new/") + target;
    }
    return move;
}

world::DiskState disk(const std::string& target, const std::string& live, const std::string& inactive)
{
    world::DiskState state;
    state.target = target;
    state.live = live;
    state.inactive = inactive;
    return state;
}

TEST(StorageClassification, DisksOfARunningVmAreTheLiveOnes)
{
    const auto move = two_disks();
    const auto is = [&](const std::string& one, const std::string& other, bool active = true) {
        return classify_disks({disk("vda", one, "/old/vda"), disk("vdb", other, "/new/vdb")}, active, move);
    };
    EXPECT_EQ(is("/old/vda", "/old/vdb"), DisksAre::all_old);
    EXPECT_EQ(is("/new/vda", "/old/vdb"), DisksAre::mixed);
    EXPECT_EQ(is("/new/vda", "/new/vdb"), DisksAre::all_new);
    EXPECT_EQ(is("/new/vdb", "/new/vda"), DisksAre::foreign);
    EXPECT_EQ(is("/other", "/new/vdb"), DisksAre::foreign);
    EXPECT_EQ(is("", "", false), DisksAre::mixed) << "of a VM that is off the definition counts";
    EXPECT_EQ(classify_disks({}, true, move), DisksAre::foreign) << "what could not be read is not old";
    EXPECT_EQ(classify_disks({disk("vda", "/new/vda", "")}, true, move), DisksAre::foreign);
}

TEST(StorageClassification, ACopyCountsOnlyWhenItIsOursAndReady)
{
    const auto move = two_disks();
    auto changed = disk("vda", "/new/vda", "/new/vda");
    auto waiting = disk("vdb", "/old/vdb", "/old/vdb");
    EXPECT_EQ(classify_copies({changed, waiting}, move), CopiesAre::not_ready);
    waiting.copy = "/new/vdb";
    EXPECT_EQ(classify_copies({changed, waiting}, move), CopiesAre::not_ready);
    waiting.copy_ready = true;
    EXPECT_EQ(classify_copies({changed, waiting}, move), CopiesAre::ready);
    waiting.copy = "/elsewhere";
    EXPECT_EQ(classify_copies({changed, waiting}, move), CopiesAre::not_ready);
    EXPECT_EQ(classify_copies({}, move), CopiesAre::not_ready);
}

TEST(StorageClassification, OnlyAPauseByRequestIsOurs)
{
    model::BeforeImage before;
    before.state.id = 7;
    before.state.cpu_time_ns = 1000;
    model::Observation vm;
    EXPECT_EQ(classify_vm(vm, before), VmIs::unreachable);
    vm.reachable = true;
    EXPECT_EQ(classify_vm(vm, before), VmIs::gone);
    vm.exists = true;
    vm.state = model::RunState::shut_off;
    EXPECT_EQ(classify_vm(vm, before), VmIs::off);
    vm.state = model::RunState::running;
    vm.id = 7;
    vm.cpu_time_ns = 2000;
    EXPECT_EQ(classify_vm(vm, before), VmIs::runs);
    vm.state = model::RunState::paused;
    vm.reason = model::StateReason::user;
    EXPECT_EQ(classify_vm(vm, before), VmIs::held);
    vm.reason = model::StateReason::io_error;
    EXPECT_EQ(classify_vm(vm, before), VmIs::paused_other);
    vm.job_active = true;
    EXPECT_EQ(classify_vm(vm, before), VmIs::working);
    vm.job_active = false;
    vm.state = model::RunState::shutting_down;
    EXPECT_EQ(classify_vm(vm, before), VmIs::working) << "it is off in a moment";
    vm.state = model::RunState::paused;
    vm.id = 8;
    EXPECT_EQ(classify_vm(vm, before), VmIs::restarted);
    vm.id = 7;
    vm.cpu_time_ns = 10;
    EXPECT_EQ(classify_vm(vm, before), VmIs::restarted) << "another instance with the same id, after a reboot";
}

}  // namespace
}  // namespace vmferry::engine
