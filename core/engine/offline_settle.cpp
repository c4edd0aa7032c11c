#include "core/engine/offline_settle.hpp"

#include <fmt/format.h>

#include "core/engine/end_started.hpp"
#include "core/engine/finish.hpp"
#include "core/engine/from_markers.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

class OfflineSettlement {
public:
    OfflineSettlement(Context& context, const std::vector<Phase>& phases) : m_context(context), m_phases(phases) {}

    [[nodiscard]] Result<OfflineDiagnosis> diagnose() { return diagnose_offline(m_context); }
    [[nodiscard]] std::optional<std::string> older(const OfflineDiagnosis& seen) const;
    void note(const OfflineDiagnosis& seen) { note_row(m_context, seen, m_last_row); }
    [[nodiscard]] static bool waits(const OfflineDiagnosis& seen) { return worth_waiting(seen.situation); }
    [[nodiscard]] std::optional<Outcome> act(const OfflineDiagnosis& seen);
    Outcome in_doubt(const OfflineDiagnosis& seen);

private:
    std::optional<Outcome> go_back(const OfflineDiagnosis& seen);
    std::optional<Outcome> go_forward(const OfflineDiagnosis& seen);
    Result<> define_old(const OfflineDiagnosis& seen);

    Context& m_context;
    const std::vector<Phase>& m_phases;
    std::string_view m_last_row;
};

}  // namespace

Outcome settle_offline(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause)
{
    remember_cause(context, std::move(cause));
    OfflineSettlement settlement(context, phases);
    return settle_by(context, settlement);
}

Result<> define_images(Context& context, bool forward)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, context.plan.limits.call));
    if (host->records() == nullptr) {
        return fail(ErrorKind::failed, fmt::format("the definition of {} cannot be rewritten", context.plan.vm_name));
    }
    std::vector<world::FileRename> renames;
    for (const model::DiskMove& disk : context.plan.storage.disks) {
        renames.push_back(forward ? world::FileRename{disk.from, disk.to} : world::FileRename{disk.to, disk.from});
    }
    VMF_TRY(context.effect(forward ? "define:source" : "define-back:source",
                           [&] { return host->records()->rename_files(context.plan.vm_uuid, renames); }));
    VMF_TRY_ASSIGN(const auto states, disk_states(context));
    const DisksAre wanted = forward ? DisksAre::all_new : DisksAre::all_old;
    return classify_disks(states, false, context.plan.storage) == wanted
               ? Result<>{}
               : fail(ErrorKind::failed,
                      fmt::format("the definition of {} could not be rewritten", context.plan.vm_name));
}

namespace {

std::optional<std::string> OfflineSettlement::older(const OfflineDiagnosis& seen) const
{
    return later_transaction(m_context.plan.source, seen.vm, m_context.plan);
}

std::optional<Outcome> OfflineSettlement::act(const OfflineDiagnosis& seen)
{
    switch (seen.row->action) {
    case OfflineAction::back:
    case OfflineAction::started: return go_back(seen);
    case OfflineAction::forward: return go_forward(seen);
    case OfflineAction::doubt: return in_doubt(seen);
    }
    return in_doubt(seen);
}

/// One that runs on its old images may be defined with the new ones.
Result<> OfflineSettlement::define_old(const OfflineDiagnosis& seen)
{
    if (seen.situation.stage == Stage::open) {
        return {};
    }
    if (seen.situation.stage == Stage::intent) {
        // Else a later look would go forward with what is half taken back.
        VMF_TRY(m_context.record(Kind::abort_intent));
    }
    return define_images(m_context, false);
}

std::optional<Outcome> OfflineSettlement::go_back(const OfflineDiagnosis& seen)
{
    if (const auto defined = define_old(seen); !defined) {
        m_context.warn(defined.error().text());
        return std::nullopt;
    }
    m_context.outcome.debts.clear();
    const bool clean = undo_objects(m_context, m_phases, [](const OpenObject&) { return true; });
    return seen.row->action == OfflineAction::back ? end_compared(m_context, m_phases, clean)
                                                   : end_started(m_context, seen.vm, clean);
}

std::optional<Outcome> OfflineSettlement::go_forward(const OfflineDiagnosis& seen)
{
    if (seen.situation.stage != Stage::commit) {
        Result<> committed = verify_images(m_context, changes_forward(m_context.plan.storage));
        if (committed) {
            committed = m_context.record(Kind::commit);
        }
        if (!committed) {
            m_context.warn(committed.error().text());
            return std::nullopt;
        }
    }
    return finish(m_context, m_phases, FinishScope::whole);
}

Outcome OfflineSettlement::in_doubt(const OfflineDiagnosis& seen)
{
    Outcome& outcome = m_context.outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = seen.row->reason;
    outcome.location = {m_context.plan.source, std::string(model::to_string(seen.vm.state)), seen.vm.reachable};
    outcome.commands = {
        fmt::format("virsh -c {} domblklist {} --inactive", m_context.plan.source_uri, m_context.plan.vm_name),
        fmt::format("vmferry rollback {}", m_context.plan.transaction.brief())};
    return outcome;
}

}  // namespace

}  // namespace vmferry::engine
