// Goal: the recovery table has exactly one row for every situation, and no row breaks a promise.
// Method: enumerate all stages x sources x targets x wishes (2304) and check each; then properties.

#include "core/engine/recovery.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace vmferry::engine {
namespace {

using S = SourceIs;
using T = TargetIs;

bool has(unsigned bits, unsigned value) { return ((bits >> value) & 1U) != 0; }

bool applies(const RecoveryRow& row, const Situation& situation)
{
    return has(row.stages, static_cast<unsigned>(situation.stage)) &&
           has(row.sources, static_cast<unsigned>(situation.source)) &&
           has(row.targets, static_cast<unsigned>(situation.target)) &&
           has(row.forward_wanted, situation.forward_wanted ? 1 : 0);
}

std::vector<Situation> all_situations()
{
    std::vector<Situation> all;
    for (unsigned stage = 0; stage < k_stage_count; ++stage) {
        for (unsigned source = 0; source < k_source_count; ++source) {
            for (unsigned target = 0; target < k_target_count; ++target) {
                for (const bool forward : {false, true}) {
                    all.push_back({static_cast<Stage>(stage), static_cast<S>(source), static_cast<T>(target), forward});
                }
            }
        }
    }
    return all;
}

std::string name_of(const Situation& situation)
{
    return std::string(to_string(situation.stage)) + " / source " + std::string(to_string(situation.source)) +
           " / target " + std::string(to_string(situation.target)) + (situation.forward_wanted ? " / --forward" : "");
}

/// Checks `promise` in every situation; `decide` is known to find the only row.
void expect_everywhere(const std::function<bool(const Situation&, Action)>& promise)
{
    for (const Situation& situation : all_situations()) {
        const RecoveryRow& row = decide(situation);
        EXPECT_TRUE(promise(situation, row.action))
            << name_of(situation) << " -> " << row.name << " (" << to_string(row.action) << ")";
    }
}

bool one_of(S value, std::initializer_list<S> values)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}
bool one_of(T value, std::initializer_list<T> values)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}
bool is_back(Action action) { return action == Action::back || action == Action::back_debt; }
/// These end what our ledger lists at the target.
bool ends_target(Action action) { return is_back(action) || action == Action::guest_off || action == Action::lost; }
/// These end the source's copy and undefine it.
bool ends_source(Action action) { return action == Action::forward || action == Action::finish; }

TEST(RecoveryTable, EverySituationHasExactlyOneRow)
{
    for (const Situation& situation : all_situations()) {
        std::string found;
        int count = 0;
        for (const RecoveryRow& row : recovery_table()) {
            if (applies(row, situation)) {
                found += (count == 0 ? "" : ", ") + std::string(row.name);
                ++count;
            }
        }
        EXPECT_EQ(count, 1) << name_of(situation) << ": " << (count == 0 ? "no row" : found);
    }
}

TEST(RecoveryTable, EveryRowAppliesSomewhereAndIsNamedOnce)
{
    std::set<std::string_view> names;
    for (const RecoveryRow& row : recovery_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " names two rows";
        EXPECT_FALSE(row.reason.empty()) << row.name;
        bool used = false;
        for (const Situation& situation : all_situations()) {
            used = used || applies(row, situation);
        }
        EXPECT_TRUE(used) << row.name << " never applies";
    }
}

TEST(RecoveryTable, NeverGoesBackWhereTheTargetMayHaveRun)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool ran = one_of(at.target, {T::postcopy, T::broken, T::running, T::halted}) && at.stage != Stage::open;
        return !(is_back(action) && (ran || at.stage == Stage::resumed));
    });
}

TEST(RecoveryTable, AfterCommitAnUnreachableTargetForbidsTheWayBack)
{
    expect_everywhere([](const Situation& at, Action action) {
        return !(at.stage == Stage::commit && at.target == T::unreachable && is_back(action));
    });
}

TEST(RecoveryTable, AfterCommitOnlyASourceThatAlreadyRunsGoesBack)
{
    expect_everywhere([](const Situation& at, Action action) {
        return !(at.stage == Stage::commit && is_back(action) && at.source != S::runs);
    });
}

TEST(RecoveryTable, NeverGoesForwardWhereTheSourceRunsOrMayRun)
{
    expect_everywhere([](const Situation& at, Action action) {
        if (action != Action::forward) {
            return true;
        }
        if (one_of(at.source, {S::runs, S::working, S::other_instance})) {
            return false;
        }
        // Once the guest is seen running at the target after RESUMED, nothing is started any more.
        const bool only_cleans = at.stage == Stage::resumed && at.target == T::running;
        return only_cleans || !one_of(at.source, {S::unreachable, S::paused_other});
    });
}

TEST(RecoveryTable, NeverGoesForwardWithoutAnOwnLoadedCopyAtTheTarget)
{
    expect_everywhere([](const Situation& at, Action action) {
        return action != Action::forward || one_of(at.target, {T::complete, T::running});
    });
}

TEST(RecoveryTable, AbortForbidsForward)
{
    expect_everywhere(
        [](const Situation& at, Action action) { return at.stage != Stage::abort || action != Action::forward; });
}

TEST(RecoveryTable, TheMigrateCallIsNeverTakenForMadeBeforeItsIntent)
{
    expect_everywhere([](const Situation& at, Action action) {
        return at.stage != Stage::open || (action != Action::forward && action != Action::finish);
    });
}

TEST(RecoveryTable, NothingIsEndedAtATargetThatHoldsTheOnlyMemory)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool source_alive = one_of(at.source, {S::runs, S::held, S::paused_other});
        const bool holds_memory = at.stage != Stage::open && one_of(at.target, {T::complete, T::running, T::halted});
        return !(holds_memory && !source_alive && ends_target(action));
    });
}

TEST(RecoveryTable, NothingIsEndedAtTheSourceBeforeTheTargetHasItsMemory)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool target_had_it =
            at.stage == Stage::resumed || one_of(at.target, {T::complete, T::running, T::halted});
        return !ends_source(action) || target_had_it;
    });
}

TEST(RecoveryTable, NothingDestructiveWhenTheSourceDoesNotAnswer)
{
    expect_everywhere([](const Situation& at, Action action) {
        if (at.source != S::unreachable || action == Action::doubt || action == Action::reconnect) {
            return true;
        }
        // It ran at the target: what is left is clean-up, and a source that is away stays a debt.
        return at.stage == Stage::resumed && ends_source(action) && at.target != T::unreachable;
    });
}

TEST(RecoveryTable, NothingDestructiveWhenTheTargetDoesNotAnswer)
{
    expect_everywhere([](const Situation& at, Action action) {
        if (at.target != T::unreachable || at.stage == Stage::open) {
            return true;
        }
        return action == Action::doubt || action == Action::wait || action == Action::adopt ||
               action == Action::reconnect || action == Action::back_debt;
    });
}

TEST(RecoveryTable, AnUnreachableTargetNeverKeepsTheSourceFromItsPreparationsUndone)
{
    // `back` would have to end the target's copy first, which it cannot.
    expect_everywhere([](const Situation& at, Action action) {
        return !(action == Action::back && one_of(at.target, {T::unreachable, T::dead}));
    });
}

TEST(RecoveryTable, TwoRunningCopiesAreAlwaysSaidAloudAndNeverTouched)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool two =
            one_of(at.source, {S::runs, S::other_instance}) && one_of(at.target, {T::postcopy, T::broken, T::running});
        return !(two && at.stage != Stage::open) || action == Action::doubt;
    });
}

TEST(RecoveryTable, AnActiveJobIsAlwaysWaitedFor)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool waits = action == Action::wait || action == Action::adopt;
        const bool others = at.source == S::postcopy && at.stage == Stage::open;
        // Only the target can tell whether all of the memory has arrived, and will do so by itself.
        const bool soon_clear = one_of(at.target, {T::postcopy, T::broken});
        return at.source == S::working || others ? waits : !waits || soon_clear;
    });
}

TEST(RecoveryTable, AJobIsLeftToItsEndOnlyOnRequestAndWhileNothingIsDecided)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool open = at.stage == Stage::intent || at.stage == Stage::native || at.stage == Stage::postcopy ||
                          at.stage == Stage::fencing;
        return action != Action::adopt || (open && at.forward_wanted);
    });
}

// What libvirt starts may run as soon as it cannot be seen.
TEST(RecoveryTable, ANativeTargetThatMayHaveRunNeverGoesBackUnseen)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool stands = one_of(at.source, {S::held, S::paused_other});
        const bool may_have_run = at.target == T::unreachable || (stands && one_of(at.target, {T::defined, T::dead}));
        return !(at.stage == Stage::native && may_have_run && is_back(action));
    });
}

// COMMIT came first, and the source's daemon may have let it run since.
TEST(RecoveryTable, ASourceThatWasToBeFencedEndsForTheTargetOnlyWhenItsEndIsProved)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool unproved = one_of(at.source, {S::stopped, S::died, S::dead, S::unreachable});
        const bool starts = action == Action::forward && at.target == T::complete;
        return !(at.stage == Stage::fencing && unproved && starts);
    });
}

TEST(RecoveryTable, ASourceThatItsDaemonLetRunOnOwnsTheVmDespiteCommit)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool not_run = !one_of(at.target, {T::postcopy, T::broken, T::running, T::halted, T::unmarked});
        return !(at.stage == Stage::fencing && at.source == S::runs && not_run) || is_back(action);
    });
}

TEST(RecoveryTable, ASourceInPostcopyIsNeverLetRun)
{
    expect_everywhere([](const Situation& at, Action action) {
        return at.source != S::postcopy || !(is_back(action) || action == Action::guest_off);
    });
}

TEST(RecoveryTable, ATargetThatLacksMemoryIsNeitherTakenForWholeNorEndedForTheSource)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool partial = one_of(at.target, {T::postcopy, T::broken}) && at.stage != Stage::open;
        return !partial || !(ends_source(action) || is_back(action) || action == Action::guest_off);
    });
}

TEST(RecoveryTable, APostcopyIsResumedOrWaitedForAsLongAsBothHalvesMayBeThere)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool halves = at.source == S::postcopy && one_of(at.target, {T::postcopy, T::broken, T::unreachable});
        return !(halves && at.stage != Stage::open) || action == Action::reconnect;
    });
}

TEST(RecoveryTable, MemoryIsCalledLostOnlyWhereNoCopyOfItIsLeft)
{
    expect_everywhere([](const Situation& at, Action action) {
        if (action != Action::lost) {
            return true;
        }
        const bool at_source = one_of(at.source, {S::runs, S::unreachable, S::working});
        const bool at_target = one_of(at.target, {T::complete, T::running, T::halted, T::unreachable});
        return !at_source && (!at_target || at.stage == Stage::open);
    });
}

// Its guest has written to the disks: a copy of its earlier memory would destroy what is on them.
TEST(RecoveryTable, ASourceThatHasRunSinceIsNeverFollowedByTheTarget)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool loaded = one_of(at.target, {T::complete, T::running, T::halted, T::unreachable});
        const bool undecided = at.stage != Stage::open && at.stage != Stage::resumed;
        return !(at.source == S::ran_on && loaded && undecided) || action == Action::doubt;
    });
}

// A host that does not answer cannot be told to end anything.
TEST(RecoveryTable, OlderMemoryIsAdvisedToBeEndedExactlyWhereItIsSeen)
{
    for (const Situation& at : all_situations()) {
        const bool ran = one_of(at.source, {S::other_instance, S::ran_on});
        const bool undecided = at.stage != Stage::open && at.stage != Stage::resumed;
        const bool older =
            one_of(at.target, {T::complete, T::halted}) || (at.target == T::running && at.source == S::ran_on);
        EXPECT_EQ(decide(at).advice == Advice::keep_source, ran && undecided && older) << name_of(at);
    }
}

TEST(RecoveryTable, TheOperatorsWishChangesOnlyWhatIsOpen)
{
    for (const Situation& situation : all_situations()) {
        if (!situation.forward_wanted) {
            continue;
        }
        Situation plain = situation;
        plain.forward_wanted = false;
        const Action with = decide(situation).action;
        const Action without = decide(plain).action;
        const bool choice =
            (with == Action::forward && without == Action::back) || (with == Action::adopt && without == Action::wait);
        EXPECT_TRUE(with == without || choice) << name_of(situation);
    }
}

TEST(RecoveryTable, TheWayBackIsNeverBlockedByADeadTargetBeforeCommit)
{
    expect_everywhere([](const Situation& at, Action action) {
        const bool before = at.stage == Stage::intent || at.stage == Stage::abort;
        const bool alive = one_of(at.source, {S::runs, S::held, S::paused_other});
        return !(before && alive && one_of(at.target, {T::dead, T::unreachable})) || action == Action::back_debt;
    });
}

}  // namespace
}  // namespace vmferry::engine
