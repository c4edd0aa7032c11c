// Goal: the table of storage-moves of VMs that are off has exactly one row for every situation, and no row removes
// images that somebody has used, or rewrites the definition under a VM that runs on its new images. Method: enumerate
// all stages x VMs x disks x uses (800) and check each.

#include "core/engine/offline_recovery.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

namespace vmferry::engine {
namespace {

using A = OfflineAction;
using D = DisksAre;
using U = UsedSince;
using V = ColdSourceIs;

bool has(unsigned bits, unsigned value) { return ((bits >> value) & 1U) != 0; }

bool applies(const OfflineRow& row, const OfflineSituation& is)
{
    return has(row.stages, static_cast<unsigned>(is.stage)) && has(row.vms, static_cast<unsigned>(is.vm)) &&
           has(row.disks, static_cast<unsigned>(is.disks)) && has(row.used, static_cast<unsigned>(is.used));
}

std::vector<OfflineSituation> all_situations()
{
    std::vector<OfflineSituation> all;
    for (unsigned stage = 0; stage < k_stage_count; ++stage) {
        for (unsigned vm = 0; vm < k_cold_source_count; ++vm) {
            for (unsigned disks = 0; disks < k_disks_count; ++disks) {
                for (unsigned used = 0; used < k_used_since_count; ++used) {
                    all.push_back(
                        {static_cast<Stage>(stage), static_cast<V>(vm), static_cast<D>(disks), static_cast<U>(used)});
                }
            }
        }
    }
    return all;
}

std::string name_of(const OfflineSituation& is)
{
    std::string name(to_string(is.stage));
    for (const std::string_view word : {to_string(is.vm), to_string(is.disks), to_string(is.used)}) {
        name += " / " + std::string(word);
    }
    return name;
}

void expect_everywhere(const std::function<bool(const OfflineSituation&, A)>& promise)
{
    for (const OfflineSituation& is : all_situations()) {
        const OfflineRow& row = decide(is);
        EXPECT_TRUE(promise(is, row.action)) << name_of(is) << " -> " << row.name;
    }
}

bool goes_back(A action) { return action == A::back || action == A::started; }

TEST(OfflineTable, EverySituationHasExactlyOneRow)
{
    for (const OfflineSituation& is : all_situations()) {
        std::string found;
        int count = 0;
        for (const OfflineRow& row : offline_table()) {
            if (applies(row, is)) {
                ++count;
                found += " " + std::string(row.name);
            }
        }
        EXPECT_EQ(count, 1) << name_of(is) << ":" << found;
    }
}

TEST(OfflineTable, EveryRowIsReachableAndHasItsOwnName)
{
    std::set<std::string_view> used;
    for (const OfflineSituation& is : all_situations()) {
        used.insert(decide(is).name);
    }
    std::set<std::string_view> names;
    for (const OfflineRow& row : offline_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(used.contains(row.name)) << row.name;
        EXPECT_FALSE(row.reason.empty()) << row.name;
    }
}

TEST(OfflineTable, NewImagesThatWereUsedDoNotGo)
{
    expect_everywhere([](const OfflineSituation& is, A action) {
        const bool used =
            is.stage != Stage::open && (is.used == U::copies || is.used == U::both || is.used == U::unseen);
        return !goes_back(action) || !used;
    });
}

TEST(OfflineTable, OldImagesThatAreNewerDoNotGiveWay)
{
    expect_everywhere([](const OfflineSituation& is, A action) {
        const bool newer = is.used == U::originals || is.used == U::both || is.used == U::unseen;
        return action != A::forward || is.stage == Stage::commit || !newer;
    });
}

TEST(OfflineTable, NothingIsTakenFromAVmThatRunsOnIt)
{
    expect_everywhere([](const OfflineSituation& is, A action) {
        return !(goes_back(action) && is.vm == V::runs && is.disks != D::all_old);
    });
}

TEST(OfflineTable, ForwardOnlyWithAllNewImages)
{
    expect_everywhere(
        [](const OfflineSituation& is, A action) { return action != A::forward || is.disks == D::all_new; });
}

TEST(OfflineTable, CommitIsNotWrittenAfterTheWayBackWasDecided)
{
    expect_everywhere(
        [](const OfflineSituation& is, A action) { return is.stage != Stage::abort || action != A::forward; });
    expect_everywhere(
        [](const OfflineSituation& is, A action) { return is.stage != Stage::commit || !goes_back(action); });
}

TEST(OfflineTable, OnlyAVmThatIsOffIsComparedAsSuch)
{
    expect_everywhere([](const OfflineSituation& is, A action) {
        return (action != A::back || is.vm == V::off) && (action != A::started || is.vm == V::runs);
    });
}

}  // namespace
}  // namespace vmferry::engine
