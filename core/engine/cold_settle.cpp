#include "core/engine/cold_settle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/end_started.hpp"
#include "core/engine/finish.hpp"
#include "core/engine/from_markers.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

class ColdSettlement {
public:
    ColdSettlement(Context& context, const std::vector<Phase>& phases) : m_context(context), m_phases(phases) {}

    [[nodiscard]] Result<ColdDiagnosis> diagnose() { return diagnose_cold(m_context); }
    [[nodiscard]] std::optional<std::string> older(const ColdDiagnosis& seen) const;
    void note(const ColdDiagnosis& seen) { note_row(m_context, seen, m_last_row); }
    [[nodiscard]] static bool waits(const ColdDiagnosis& seen) { return worth_waiting(seen.situation); }
    [[nodiscard]] std::optional<Outcome> act(const ColdDiagnosis& seen);
    Outcome in_doubt(const ColdDiagnosis& seen);

private:
    std::optional<Outcome> go_back(const ColdDiagnosis& seen);
    std::optional<Outcome> go_forward(const ColdDiagnosis& seen);
    Result<> take_from_source();
    Outcome end_gone(const ColdDiagnosis& seen);

    Context& m_context;
    const std::vector<Phase>& m_phases;
    std::string_view m_last_row;
};

}  // namespace

Outcome settle_cold(Context& context, const std::vector<Phase>& phases, std::optional<Error> cause)
{
    remember_cause(context, std::move(cause));
    ColdSettlement settlement(context, phases);
    return settle_by(context, settlement);
}

namespace {

std::optional<std::string> ColdSettlement::older(const ColdDiagnosis& seen) const
{
    const model::Plan& plan = m_context.plan;
    auto later = later_transaction(plan.source, seen.source, plan);
    return later ? later : later_transaction(plan.target, seen.target, plan);
}

std::optional<Outcome> ColdSettlement::act(const ColdDiagnosis& seen)
{
    switch (seen.row->action) {
    case ColdAction::back:
    case ColdAction::started: return go_back(seen);
    case ColdAction::forward: return go_forward(seen);
    case ColdAction::gone: return end_gone(seen);
    case ColdAction::doubt: return in_doubt(seen);
    }
    return in_doubt(seen);
}

std::optional<Outcome> ColdSettlement::go_back(const ColdDiagnosis& seen)
{
    if (seen.situation.stage == Stage::commit) {
        // Else a later look would go forward with what is half taken back.
        if (const auto aborted = m_context.record(Kind::abort_intent); !aborted) {
            m_context.warn(aborted.error().text());
            return std::nullopt;
        }
    }
    m_context.outcome.debts.clear();
    const bool clean = undo_objects(m_context, m_phases, [](const OpenObject&) { return true; });
    if (seen.row->action == ColdAction::back) {
        return end_compared(m_context, m_phases, clean);
    }
    return end_started(m_context, seen.source, clean);
}

std::optional<Outcome> ColdSettlement::go_forward(const ColdDiagnosis& seen)
{
    if (seen.situation.stage != Stage::commit) {
        if (const auto committed = m_context.record(Kind::commit); !committed) {
            m_context.warn(committed.error().text());
            return std::nullopt;
        }
    }
    if (const auto taken = take_from_source(); !taken && taken.error().kind() != ErrorKind::unreachable) {
        m_context.warn(taken.error().text());
        return std::nullopt;  // Somebody may have started it there: the table decides.
    }
    return finish(m_context, m_phases, FinishScope::whole);
}

/// The source's definition, by the steps of the switch. From a host that is away it is owed.
Result<> ColdSettlement::take_from_source()
{
    const auto phase =
        std::find_if(m_phases.begin(), m_phases.end(), [](const Phase& one) { return one.name == "switch"; });
    for (const Step& step : phase->steps) {
        VMF_TRY(run_step(m_context, step));
    }
    return {};
}

/// Nothing can be as before. Its disks were not touched by us.
Outcome ColdSettlement::end_gone(const ColdDiagnosis& seen)
{
    undo_objects(m_context, m_phases, [](const OpenObject&) { return true; });
    m_context.warn(std::string(seen.row->reason));
    m_context.outcome.location = {m_context.plan.source, "undefined", true};
    m_context.outcome.differences = {{"definition", "there", "none"}};
    return end_as(m_context, OutcomeKind::not_as_before);
}

Outcome ColdSettlement::in_doubt(const ColdDiagnosis& seen)
{
    const model::Plan& plan = m_context.plan;
    const std::string settle = fmt::format("vmferry rollback {}", plan.transaction.brief());
    Outcome& outcome = m_context.outcome;
    outcome.kind = OutcomeKind::in_doubt;
    outcome.reason = seen.row->reason;
    outcome.location = {};
    outcome.commands = {settle};
    const bool at_source = seen.source.active();
    const bool at_target = seen.target.active();
    if (at_source) {
        outcome.commands.push_back(
            fmt::format("virsh -c {} shutdown {}; then: {}", plan.source_uri, plan.vm_name, settle));
    }
    if (at_target) {
        outcome.commands.push_back(
            fmt::format("virsh -c {} shutdown {}; then: {}", plan.target_uri, plan.vm_name, settle));
    }
    return outcome;
}

}  // namespace

}  // namespace vmferry::engine
