#include "core/engine/storage_recovery.hpp"

#include <algorithm>

#include "core/engine/decision_table.hpp"
#include "core/engine/instance.hpp"

namespace vmferry::engine {

namespace {

using V = VmIs;
using D = DisksAre;
using C = CopiesAre;
using A = StorageAction;

constexpr unsigned k_open = set(Stage::open);
constexpr unsigned k_intent = set(Stage::intent);
constexpr unsigned k_abort = set(Stage::abort);
constexpr unsigned k_pivoting = k_intent | k_abort;
constexpr unsigned k_decided = set(Stage::commit, Stage::resumed);
constexpr unsigned k_any_stage = k_open | k_pivoting | k_decided;
constexpr unsigned k_not_of_disks = set(Stage::native, Stage::postcopy, Stage::fencing);

constexpr unsigned k_same_instance = set(V::runs, V::held, V::paused_other);
constexpr unsigned k_active = k_same_instance | set(V::restarted);
constexpr unsigned k_answers = k_active | set(V::off);
constexpr unsigned k_any_vm = (1U << k_vm_count) - 1;
constexpr unsigned k_any_disks = (1U << k_disks_count) - 1;
constexpr unsigned k_known = set(D::all_old, D::mixed, D::all_new);
constexpr unsigned k_either = set(C::ready, C::not_ready);

constexpr StorageRow k_rows[] = {
    {"storage-unreachable", k_any_stage, set(V::unreachable), k_any_disks, k_either, A::doubt,
     "the host does not answer, and what the disks use has to be seen"},
    {"storage-foreign-job", k_any_stage, set(V::working), k_any_disks, k_either, A::wait,
     "another job works on the VM, or a disk is just changing; its disks are left alone until that has ended"},
    {"storage-gone", k_any_stage, set(V::gone), k_any_disks, k_either, A::doubt,
     "the host does not know the VM any more: every image is kept"},
    {"storage-foreign-disk", k_any_stage, k_answers, set(D::foreign), k_either, A::doubt,
     "a disk uses neither its old nor its new image: somebody else has changed it"},
    {"storage-foreign-stage", k_not_of_disks, k_any_vm, k_any_disks, k_either, A::doubt,
     "the journal has an entry that no storage-move writes"},

    // Before PIVOT_INTENT the guest has written to the old images only; the new ones are copies of them.
    {"storage-open-back", k_open, k_same_instance, set(D::all_old), k_either, A::back,
     "no disk was to change yet: the copies end, and their images go"},
    {"storage-open-guest-off", k_open, set(V::restarted, V::off), set(D::all_old), k_either, A::guest_off,
     "the guest was stopped or restarted by others before any disk was to change"},
    {"storage-open-changed", k_open, k_answers, set(D::mixed, D::all_new), k_either, A::doubt,
     "a disk uses its new image although none was to change yet: somebody else did that"},

    // From PIVOT_INTENT until COMMIT the guest stands, and old and new images are the same - unless somebody
    // let it run. So the image that is in use, or defined, is always right; the other may be older.
    {"storage-intent-back", k_pivoting, k_same_instance, set(D::all_old), k_either, A::back,
     "every disk uses its old image: the guest goes on with these"},
    {"storage-intent-ended-old", k_pivoting, set(V::restarted, V::off), set(D::all_old), k_either, A::keep_both,
     "the VM ended while its disks were to change and is defined with its old images: the new ones are kept until it "
     "is seen to be well"},
    {"storage-pivot-rest", k_intent, set(V::held), set(D::mixed), set(C::ready), A::pivot_rest,
     "the guest stands, some disks have changed, and the others' copies are complete"},
    {"storage-copy-back", k_intent, set(V::held), set(D::mixed), set(C::not_ready), A::copy_back,
     "some disks have changed and others cannot: those that have are copied back while the guest runs"},
    {"storage-copy-back-running", k_intent, set(V::runs, V::paused_other, V::restarted), set(D::mixed), k_either,
     A::copy_back, "somebody let the guest run on a mixture of images: it is made whole on the old ones"},
    {"storage-copy-back-again", k_abort, k_active, set(D::mixed), k_either, A::copy_back,
     "the way back was decided, and not every disk is on its old image yet"},
    {"storage-mixed-off", k_pivoting, set(V::off), set(D::mixed), k_either, A::doubt,
     "the VM ended on a mixture of old and new images, which its definition names: it can be started, and is settled "
     "while it runs"},
    {"storage-intent-forward", k_intent, k_answers, set(D::all_new), k_either, A::forward,
     "every disk uses its new image: nothing that is older may come back"},
    {"storage-abort-new", k_abort, k_answers, set(D::all_new), k_either, A::doubt,
     "the way back was decided, but every disk uses its new image"},

    // COMMIT: every disk was seen on its new image, and the guest may have written there since.
    {"storage-forward", k_decided, k_answers, set(D::all_new), k_either, A::forward,
     "every disk uses its new image, and the guest may have written there"},
    {"storage-stale-definition", k_decided, set(V::off), set(D::all_old, D::mixed), k_either, A::forward,
     "the guest may have written to the new images and its definition names an old one: it is rewritten before any "
     "start"},
    {"storage-started-stale", k_decided, k_active, set(D::all_old, D::mixed), k_either, A::doubt,
     "the VM uses an old image although it has run on the new ones: what it wrote there is not seen by it"},
};

static_assert((k_any_stage | k_not_of_disks) == (1U << k_stage_count) - 1);
static_assert((k_known | set(D::foreign)) == k_any_disks);
static_assert((k_answers | set(V::unreachable, V::working, V::gone)) == k_any_vm);

bool applies(const StorageRow& row, const StorageSituation& situation)
{
    return in(row.stages, situation.stage) && in(row.vms, situation.vm) && in(row.disks, situation.disks) &&
           in(row.copies, situation.copies);
}

}  // namespace

std::span<const StorageRow> storage_table() { return k_rows; }

const StorageRow& decide(const StorageSituation& situation)
{
    return row_for(k_rows, [&](const StorageRow& row) { return applies(row, situation); });
}

VmIs classify_vm(const model::Observation& vm, const model::BeforeImage& before)
{
    if (!vm.reachable) {
        return VmIs::unreachable;
    }
    if (!vm.exists) {
        return VmIs::gone;
    }
    if (!vm.active()) {
        return VmIs::off;
    }
    // One whose emulator is just ending is off in a moment.
    if (vm.job_active || vm.state == model::RunState::shutting_down) {
        return VmIs::working;
    }
    if (is_other_instance(vm, before)) {
        return VmIs::restarted;
    }
    if (vm.state == model::RunState::running) {
        return VmIs::runs;
    }
    const bool by_request = vm.state == model::RunState::paused && vm.reason == model::StateReason::user;
    return by_request ? VmIs::held : VmIs::paused_other;
}

const world::DiskState* state_of(const std::vector<world::DiskState>& states, std::string_view target)
{
    const auto found =
        std::find_if(states.begin(), states.end(), [&](const auto& one) { return one.target == target; });
    return found == states.end() ? nullptr : &*found;
}

DisksAre classify_disks(const std::vector<world::DiskState>& states, bool active, const model::StorageMove& move)
{
    size_t old_ones = 0;
    size_t new_ones = 0;
    for (const model::DiskMove& disk : move.disks) {
        const world::DiskState* state = state_of(states, disk.target);
        const std::string used = state == nullptr ? "" : active ? state->live : state->inactive;
        old_ones += used == disk.from ? size_t{1} : 0;
        new_ones += used == disk.to ? size_t{1} : 0;
    }
    if (old_ones + new_ones != move.disks.size()) {
        return DisksAre::foreign;
    }
    return new_ones == 0 ? DisksAre::all_old : old_ones == 0 ? DisksAre::all_new : DisksAre::mixed;
}

CopiesAre classify_copies(const std::vector<world::DiskState>& states, const model::StorageMove& move)
{
    const bool ready = std::all_of(move.disks.begin(), move.disks.end(), [&](const model::DiskMove& disk) {
        const world::DiskState* state = state_of(states, disk.target);
        const bool changed = state != nullptr && state->live == disk.to;
        return changed || (state != nullptr && state->copy == disk.to && state->copy_ready);
    });
    return ready ? CopiesAre::ready : CopiesAre::not_ready;
}

bool is_just_changing(const std::vector<world::DiskState>& states, const model::StorageMove& move)
{
    return std::any_of(move.disks.begin(), move.disks.end(), [&](const model::DiskMove& disk) {
        const world::DiskState* state = state_of(states, disk.target);
        return state != nullptr && state->copy_ending;
    });
}

std::string_view to_string(VmIs vm)
{
    constexpr std::string_view k_names[] = {"unreachable",  "working",   "runs", "held",
                                            "paused-other", "restarted", "off",  "gone"};
    return k_names[static_cast<unsigned>(vm)];
}

std::string_view to_string(DisksAre disks)
{
    constexpr std::string_view k_names[] = {"all-old", "mixed", "all-new", "foreign"};
    return k_names[static_cast<unsigned>(disks)];
}

std::string_view to_string(CopiesAre copies) { return copies == CopiesAre::ready ? "ready" : "not-ready"; }

std::string_view to_string(StorageAction action)
{
    constexpr std::string_view k_names[] = {"wait",       "back",      "guest-off", "keep-both",
                                            "pivot-rest", "copy-back", "forward",   "doubt"};
    return k_names[static_cast<unsigned>(action)];
}

}  // namespace vmferry::engine
