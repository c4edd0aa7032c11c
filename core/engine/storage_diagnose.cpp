#include "core/engine/image_change.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/storage_settle.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

void look(Context& context, StorageDiagnosis& seen)
{
    const model::Plan& plan = context.plan;
    seen.vm = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    seen.states.clear();
    if (seen.vm.reachable && seen.vm.exists) {
        if (auto states = disk_states(context)) {
            seen.states = std::move(*states);
        }
    }
    StorageSituation& is = seen.situation;
    is.vm = classify_vm(seen.vm, context.before);
    if (is_just_changing(seen.states, plan.storage)) {
        is.vm = VmIs::working;
    }
    is.disks = classify_disks(seen.states, seen.vm.active(), plan.storage);
    is.copies = context.storage.pivot_refused ? CopiesAre::not_ready : classify_copies(seen.states, plan.storage);
}

/// What this process knows of itself: it had asked for no change yet when the VM ended.
bool ended_before_any_change(const Context& context, const StorageSituation& is)
{
    const bool gone = is.vm == VmIs::off || is.vm == VmIs::restarted;
    return gone && is.stage == Stage::intent && context.storage.intent_here && !context.storage.pivot_tried;
}

/// Of the disks each by itself: while several change, each look may show a mixture, and never the same.
bool agree(const StorageDiagnosis& one, const StorageDiagnosis& other)
{
    const StorageSituation& before = one.situation;
    const StorageSituation& after = other.situation;
    return before.vm == after.vm && before.disks == after.disks && before.copies == after.copies &&
           one.states == other.states;
}

}  // namespace

Result<StorageDiagnosis> diagnose_storage(Context& context)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    StorageDiagnosis seen;
    look(context, seen);
    for (int count = 0; count < k_most_looks && seen.vm.reachable; ++count) {
        const StorageDiagnosis before = seen;
        context.world.clock.sleep(k_second_look);
        look(context, seen);
        if (agree(before, seen)) {
            break;
        }
    }
    seen.situation.stage = stage_of(entries);
    if (ended_before_any_change(context, seen.situation)) {
        seen.situation.stage = Stage::open;
    }
    seen.row = &decide(seen.situation);
    return seen;
}

bool worth_waiting(const StorageDiagnosis& seen)
{
    return seen.row->action == StorageAction::wait || seen.situation.vm == VmIs::unreachable;
}

Json diagnosis_json(const StorageDiagnosis& seen)
{
    return {{"row", seen.row->name},
            {"action", to_string(seen.row->action)},
            {"stage", to_string(seen.situation.stage)},
            {"source", to_string(seen.situation.vm)},
            {"disks", to_string(seen.situation.disks)},
            {"copies", to_string(seen.situation.copies)}};
}

}  // namespace vmferry::engine
