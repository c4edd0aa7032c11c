#include "core/engine/storage_settle.hpp"

#include <fmt/format.h>

#include "core/engine/copy_watch.hpp"
#include "core/engine/finish.hpp"
#include "core/engine/from_markers.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

class StorageSettlement {
public:
    StorageSettlement(Context& context, const std::vector<Phase>& phases) : m_context(context), m_phases(phases) {}

    [[nodiscard]] Result<StorageDiagnosis> diagnose() { return diagnose_storage(m_context); }
    [[nodiscard]] std::optional<std::string> older(const StorageDiagnosis& seen) const;
    void note(const StorageDiagnosis& seen);
    [[nodiscard]] static bool waits(const StorageDiagnosis& seen) { return worth_waiting(seen); }
    [[nodiscard]] std::optional<Outcome> act(const StorageDiagnosis& seen);
    Outcome in_doubt(const StorageDiagnosis& seen);

private:
    std::optional<Outcome> go_back(const StorageDiagnosis& seen);
    std::optional<Outcome> go_forward(const StorageDiagnosis& seen);
    std::optional<Outcome> pivot_rest();
    std::optional<Outcome> copy_back(const StorageDiagnosis& seen);
    Result<> change_back(const std::vector<ImageChange>& changes);
    Outcome end_guest_off(const StorageDiagnosis& seen, bool keep_new_images);
    Result<> resume_if_held(const StorageDiagnosis& seen);

    Context& m_context;
    const std::vector<Phase>& m_phases;
    std::string_view m_last_row;
};

}  // namespace

Outcome settle_storage(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause)
{
    remember_cause(context, std::move(cause));
    StorageSettlement settlement(context, phases);
    return settle_by(context, settlement);
}

namespace {

void StorageSettlement::note(const StorageDiagnosis& seen)
{
    if (seen.row->name == m_last_row) {
        return;
    }
    m_last_row = seen.row->name;
    m_context.reporter.settling(std::string(seen.row->reason));
    // Not synced by itself: the guest may stand.
    m_context.defer(Kind::note, std::string(k_recovery_note), diagnosis_json(seen));
}

std::optional<std::string> StorageSettlement::older(const StorageDiagnosis& seen) const
{
    return later_transaction(m_context.plan.source, seen.vm, m_context.plan);
}

std::optional<Outcome> StorageSettlement::act(const StorageDiagnosis& seen)
{
    switch (seen.row->action) {
    case StorageAction::back: return go_back(seen);
    case StorageAction::guest_off: return end_guest_off(seen, false);
    case StorageAction::keep_both: return end_guest_off(seen, true);
    case StorageAction::pivot_rest: return pivot_rest();
    case StorageAction::copy_back: return copy_back(seen);
    case StorageAction::forward: return go_forward(seen);
    case StorageAction::wait:
    case StorageAction::doubt: return in_doubt(seen);
    }
    return in_doubt(seen);
}

/// From PIVOT_INTENT to RESUMED a guest that stands does so because of us.
Result<> StorageSettlement::resume_if_held(const StorageDiagnosis& seen)
{
    const Stage stage = seen.situation.stage;
    const bool held = seen.situation.vm == VmIs::held && stage != Stage::open && stage != Stage::resumed;
    // It was restarted in the very moment before this process paused it.
    const bool by_mistake = seen.situation.vm == VmIs::restarted && m_context.storage.intent_here &&
                            seen.vm.reason == model::StateReason::user;
    if (!held && !by_mistake) {
        return {};
    }
    VMF_TRY_ASSIGN(world::Controller * control, m_context.control(Side::source));
    return m_context.effect("resume:source", [&] { return control->resume(m_context.plan.vm_uuid); });
}

std::optional<Outcome> StorageSettlement::go_back(const StorageDiagnosis& seen)
{
    // The guest first: it stands, and its old images are what it used all the time.
    if (const auto resumed = resume_if_held(seen); !resumed) {
        m_context.warn(resumed.error().text());
        return std::nullopt;
    }
    if (seen.situation.stage == Stage::intent) {
        m_context.record_or_warn(Kind::abort_intent);
    }
    const bool clean = undo_objects(m_context, m_phases, [](const OpenObject&) { return true; });
    return end_compared(m_context, m_phases, clean);
}

std::optional<Outcome> StorageSettlement::pivot_rest()
{
    const Result<> changed =
        still_open(m_context, changes_forward(m_context.plan.storage)).and_then([&](const auto& open) {
            return pivot_all(m_context, open);
        });
    if (!changed) {
        m_context.warn(changed.error().text());
        m_context.storage.pivot_refused = true;
    }
    return std::nullopt;  // What the disks use now decides.
}

std::optional<Outcome> StorageSettlement::copy_back(const StorageDiagnosis& seen)
{
    if (const auto resumed = resume_if_held(seen); !resumed) {
        m_context.warn(resumed.error().text());
        return std::nullopt;
    }
    if (seen.situation.stage == Stage::intent) {
        if (const auto aborted = m_context.record(Kind::abort_intent); !aborted) {
            m_context.warn(aborted.error().text());
            return in_doubt(seen);
        }
    }
    const auto changes = changes_back(m_context.plan.storage, seen.states);
    if (const auto changed = change_back(changes); !changed) {
        m_context.warn(changed.error().text());
        return in_doubt(seen);
    }
    return std::nullopt;
}

/// The same in the other direction. The guest runs on what it has until all that is to change is complete.
Result<> StorageSettlement::change_back(const std::vector<ImageChange>& changes)
{
    VMF_TRY(start_copies(m_context, "mirror-back", changes, true));
    VMF_TRY(CopyWatch(m_context, "mirror-back", changes, CopyWatch::Stops::never).until_ready());
    VMF_TRY_ASSIGN(world::Controller * control, m_context.control(Side::source));
    VMF_TRY(m_context.effect("suspend:source", [&] { return control->suspend(m_context.plan.vm_uuid); }));
    Result<> changed = pivot_all(m_context, changes);
    if (changed) {
        changed = verify_images(m_context, changes);
    }
    // Whatever it uses now is right.
    VMF_TRY(m_context.effect("resume:source", [&] { return control->resume(m_context.plan.vm_uuid); }));
    if (changed) {
        tidy_definition(m_context, changes);
    }
    return changed;
}

std::optional<Outcome> StorageSettlement::go_forward(const StorageDiagnosis& seen)
{
    const auto changes = changes_forward(m_context.plan.storage);
    const auto verified = verify_images(m_context, changes);
    Result<> committed = verified;
    if (verified && seen.situation.stage == Stage::intent) {
        committed = m_context.record(Kind::commit);
    }
    // Also when it cannot be written: every disk uses its new image, and the table goes forward from there.
    if (const auto resumed = resume_if_held(seen); !resumed) {
        m_context.warn(resumed.error().text());
        return std::nullopt;
    }
    if (!committed) {
        m_context.warn(committed.error().text());
        return std::nullopt;
    }
    const bool runs = seen.situation.vm == VmIs::runs || seen.situation.vm == VmIs::held;
    return finish(m_context, m_phases, runs ? FinishScope::whole : FinishScope::clean_up_only);
}

Outcome StorageSettlement::end_guest_off(const StorageDiagnosis& seen, bool keep_new_images)
{
    if (const auto resumed = resume_if_held(seen); !resumed) {
        m_context.warn(resumed.error().text());
    }
    const auto is_image = [](const OpenObject& object) { return object.object.starts_with("image:"); };
    undo_objects(m_context, m_phases, [&](const OpenObject& object) { return !keep_new_images || !is_image(object); });
    if (const auto entries = m_context.entries(); keep_new_images && entries) {
        for (const OpenObject& object : open_objects(*entries)) {
            if (is_image(object)) {
                owe(m_context, object, "kept, until the VM is seen to be well with its old image");
            }
        }
    }
    const model::Observation vm =
        m_context.hosts.observe(Side::source, m_context.plan.vm_uuid, m_context.plan.limits.call);
    m_context.outcome.location = {m_context.plan.source, std::string(model::to_string(vm.state)), vm.reachable};
    m_context.warn(fmt::format("{} was stopped or restarted on {} during the move: it is {} now, on its old images",
                               m_context.plan.vm_name, m_context.plan.source, model::describe(vm)));
    return end_as(m_context,
                  m_context.outcome.debts.empty() ? OutcomeKind::rolled_back : OutcomeKind::rolled_back_debts);
}

Outcome StorageSettlement::in_doubt(const StorageDiagnosis& seen)
{
    m_context.record_or_warn(Kind::note, std::string(k_recovery_note), diagnosis_json(seen));
    Outcome& outcome = m_context.outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = seen.row->reason;
    outcome.location = {m_context.plan.source, std::string(model::to_string(seen.vm.state)), seen.vm.reachable};
    outcome.commands = {fmt::format("vmferry rollback {}", m_context.plan.transaction.brief())};
    if (seen.situation.vm == VmIs::off && seen.situation.disks == DisksAre::mixed) {
        outcome.commands.insert(outcome.commands.begin(),
                                fmt::format("virsh -c {} start {}", m_context.plan.source_uri, m_context.plan.vm_name));
    }
    return outcome;
}

}  // namespace

}  // namespace vmferry::engine
