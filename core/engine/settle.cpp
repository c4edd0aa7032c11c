#include "core/engine/settle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/acts.hpp"
#include "core/engine/cold_settle.hpp"
#include "core/engine/copied_disks.hpp"
#include "core/engine/ending.hpp"
#include "core/engine/finish.hpp"
#include "core/engine/from_markers.hpp"
#include "core/engine/images.hpp"
#include "core/engine/losing.hpp"
#include "core/engine/offline_settle.hpp"
#include "core/engine/patience.hpp"
#include "core/engine/reconnect.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/storage_settle.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

/// A migration that was asked to end has ended by then, unless it waits for a peer that does not answer.
constexpr Milliseconds k_abort_patience{1000};

class Settlement {
public:
    Settlement(Context& context, const std::vector<Phase>& phases, const SettleOptions& options)
        : m_context(context), m_phases(phases), m_options(options)
    {
    }

    Outcome run(std::optional<Error> cause);
    Outcome pay_debts(const journal::Entry* lost);

private:
    std::optional<Outcome> act(const Diagnosis& diagnosis);
    std::optional<Outcome> go_back(TargetIs target, bool target_away);
    std::optional<Outcome> go_forward(const Diagnosis& diagnosis);
    std::optional<Outcome> close_back();
    std::optional<Outcome> finish_stopped();
    Outcome end_guest_off();
    Outcome end_lost(const Diagnosis& diagnosis);
    Result<> note_abort(TargetIs target);

    Context& m_context;
    const std::vector<Phase>& m_phases;
    SettleOptions m_options;
};

/// What broke is whole again: worth a word, but the move has not failed.
void forgive_cause(Context& context)
{
    if (context.outcome.error) {
        context.warn(context.outcome.error->text() + "; it went on from there");
        context.outcome.error.reset();
    }
}

/// The last END, if the VM was lost with it.
const journal::Entry* end_of_lost(std::span<const journal::Entry> entries)
{
    const auto last =
        std::find_if(entries.rbegin(), entries.rend(), [](const auto& entry) { return entry.kind == Kind::end; });
    return last == entries.rend() || last->object != to_string(OutcomeKind::lost) ? nullptr : &*last;
}

}  // namespace

Outcome settle(Context& context, const std::vector<Phase>& phases, const SettleOptions& options,
               std::optional<Error> cause)
{
    switch (table_of(context.plan)) {
    case Table::offline: return settle_offline(context, phases, std::move(cause));
    case Table::storage: return settle_storage(context, phases, std::move(cause));
    case Table::cold: return settle_cold(context, phases, std::move(cause));
    case Table::live: break;
    }
    return Settlement(context, phases, options).run(std::move(cause));
}

Outcome pay_debts(Context& context, const std::vector<Phase>& phases)
{
    const auto diagnosis = diagnose(context, {});
    if (const auto older = diagnosis ? older_than_hosts(*diagnosis, context.plan) : std::nullopt) {
        return end_as_old_journal(context, *older);
    }
    const auto entries = context.entries();
    if (entries && context.plan.was_off && stage_of(*entries) == Stage::commit) {
        return settle(context, phases, {}, std::nullopt);  // Somebody may have started it at the source since.
    }
    if (entries && stage_of(*entries) == Stage::resumed) {
        return finish(context, phases, scope_as_it_stands(context));
    }
    return Settlement(context, phases, {}).pay_debts(entries ? end_of_lost(*entries) : nullptr);
}

namespace {

/// The source has ended for the target, or never runs again, and that is all that proves it: its daemon forgets it when
/// it is restarted. So it is made durable while the target cannot be asked yet. COMMIT says nothing else.
bool keep_proof(Context& context, const Diagnosis& seen)
{
    const Situation& is = seen.situation;
    const bool undecided = is.stage == Stage::intent || is.stage == Stage::native || is.stage == Stage::postcopy;
    const bool proved = is.source == SourceIs::ended || is.source == SourceIs::postcopy;
    if (!undecided || !proved || !(is.target == TargetIs::unreachable || seen.row->action == Action::reconnect)) {
        return false;
    }
    const auto kept = context.record(Kind::commit);
    if (!kept) {
        context.warn(kept.error().text());
    }
    return kept.has_value();
}

Outcome Settlement::run(std::optional<Error> cause)
{
    remember_cause(m_context, std::move(cause));
    quiesce(m_context);
    const Milliseconds begin = m_context.world.clock.now();
    Milliseconds end = begin + m_context.plan.limits.settle;
    std::optional<Diagnosis> last;
    while (true) {
        const auto diagnosis = diagnose(m_context, m_options);
        if (!diagnosis) {
            return end_unread(m_context, diagnosis.error());
        }
        if (const auto older = older_than_hosts(*diagnosis, m_context.plan)) {
            return end_as_old_journal(m_context, *older);
        }
        const RecoveryRow& row = *diagnosis->row;
        if (!last || tells_more(*diagnosis, *last)) {
            m_context.record_or_warn(Kind::note, std::string(k_recovery_note), to_json(*diagnosis));
        }
        if (!last || row.name != last->row->name) {
            m_context.reporter.settling(std::string(row.reason));
        }
        last = *diagnosis;
        if (keep_proof(m_context, *diagnosis)) {
            continue;
        }
        if (row.action == Action::reconnect) {
            if (!reconnect(m_context)) {
                return end_in_doubt(m_context, row);
            }
            forgive_cause(m_context);
            end = m_context.world.clock.now() + m_context.plan.limits.settle;
            continue;
        }
        const Milliseconds now = m_context.world.clock.now();
        if (patience(m_context, row, diagnosis->situation) > now - begin) {
            end = std::max(end, now + m_context.plan.limits.settle);
        }
        const bool time_left = now < end;
        if (!(worth_waiting(m_context, row, diagnosis->situation) && time_left)) {
            if (auto outcome = act(*diagnosis)) {
                return *outcome;
            }
            if (!time_left) {
                return end_in_doubt(m_context, row);
            }
        } else if (row.action == Action::wait && diagnosis->situation.target == TargetIs::incoming) {
            // While the target loads our copy the migration is ours; another may be somebody else's.
            if (const auto control = m_context.control(Side::source)) {
                static_cast<void>((*control)->abort_job(m_context.plan.vm_uuid));
            }
            if (now - begin > k_abort_patience) {
                break_copies(m_context);
            }
        }
        m_context.world.clock.sleep(k_retry_pause);
    }
}

/// The VM may have lived on since the transaction ended, so nothing is compared and nothing resumed.
Outcome Settlement::pay_debts(const journal::Entry* lost)
{
    if (lost != nullptr) {
        recall_loss(m_context.outcome, lost->body);
        undo_after_loss(m_context, m_phases, false);
        return end_as(m_context, OutcomeKind::lost);
    }
    undo_all(m_context, m_phases, true);
    undo_all(m_context, m_phases, false);
    m_context.outcome.location = {m_context.plan.source, "", false};
    return end_as(m_context,
                  m_context.outcome.debts.empty() ? OutcomeKind::rolled_back : OutcomeKind::rolled_back_debts);
}

std::optional<Outcome> Settlement::act(const Diagnosis& diagnosis)
{
    switch (diagnosis.row->action) {
    case Action::back: return go_back(diagnosis.situation.target, false);
    case Action::back_debt: return go_back(diagnosis.situation.target, true);
    case Action::forward: return go_forward(diagnosis);
    case Action::finish: return finish_stopped();
    case Action::guest_off: return end_guest_off();
    case Action::lost: return end_lost(diagnosis);
    case Action::reconnect:
    case Action::wait:
    case Action::adopt:
    case Action::doubt: return end_in_doubt(m_context, *diagnosis.row);
    }
    return end_in_doubt(m_context, *diagnosis.row);
}

/// From ABORT_INTENT on COMMIT is forbidden. Needed only where the switch could have come.
Result<> Settlement::note_abort(TargetIs target)
{
    VMF_TRY_ASSIGN(const auto all, m_context.entries());
    const Stage stage = stage_of(all);
    const bool decided = stage == Stage::open || stage == Stage::abort || stage == Stage::resumed;
    return decided ? Result<>{} : m_context.record(Kind::abort_intent, {}, abort_body(to_string(target)));
}

std::optional<Outcome> Settlement::go_back(TargetIs target, bool target_away)
{
    if (const auto noted = note_abort(target); !noted) {
        m_context.warn(noted.error().text());
        if (m_context.plan.was_paused) {
            return std::nullopt;  // LEDGER(blip:source) cannot be written either: both copies stay until it can.
        }
    }
    if (!target_away && !undo_all(m_context, m_phases, true)) {
        m_context.outcome.debts.clear();
        return std::nullopt;  // Look again: the target may be away now, or still be ending.
    }
    // A source that goes on opens its images anew.
    if (const std::string problem = keep_images(m_context, Side::source); !problem.empty()) {
        m_context.warn(problem);
    }
    drop_reply(m_context);
    if (const auto restored = restore_source(m_context); !restored) {
        m_context.warn(restored.error().text());
        return std::nullopt;
    }
    if (target_away) {
        undo_all(m_context, m_phases, true);
    }
    return close_back();
}

void announce_source(Context& context, Stage stage)
{
    if (stage == Stage::open || context.plan.was_paused) {
        return;
    }
    // The target's loading may have announced the address there already.
    if (const auto control = context.control(Side::source)) {
        if (const auto told = (*control)->announce(context.plan.vm_uuid, 5); !told) {
            context.warn("announcing at the source: " + told.error().text());
        }
    }
}

std::optional<Outcome> Settlement::close_back()
{
    const auto all = m_context.entries();
    announce_source(m_context, all ? stage_of(*all) : Stage::intent);
    const bool clean = undo_all(m_context, m_phases, false) && m_context.outcome.debts.empty();
    return end_compared(m_context, m_phases, clean);
}

std::optional<Outcome> Settlement::go_forward(const Diagnosis& diagnosis)
{
    const Stage stage = diagnosis.situation.stage;
    // POSTCOPY has let a target run that runs.
    const bool decided = stage == Stage::commit || stage == Stage::resumed ||
                         (stage == Stage::postcopy && diagnosis.situation.target == TargetIs::running);
    if (!decided) {
        if (const auto committed = m_context.record(Kind::commit); !committed) {
            m_context.warn(committed.error().text());
            return std::nullopt;
        }
    }
    if (diagnosis.situation.target == TargetIs::complete) {
        if (const auto started = start_target(m_context, diagnosis.situation.source == SourceIs::held); !started) {
            m_context.warn(started.error().text());
            const bool provably_not = started.error().kind() == ErrorKind::failed;
            const bool may_go_back = provably_not && diagnosis.situation.source == SourceIs::held;
            // The attempt may have taken seconds: with ABORT_INTENT the next look decides whether the source is there.
            return may_go_back && !note_abort(TargetIs::complete) ? go_back(TargetIs::complete, false) : std::nullopt;
        }
    }
    return finish(m_context, m_phases, FinishScope::whole);
}

/// A target that ran without COMMIT may show nothing of it the next time: it becomes durable before the source's copy
/// goes.
std::optional<Outcome> Settlement::finish_stopped()
{
    if (const auto noted = note_resumed(m_context); !noted) {
        m_context.warn(noted.error().text());
        return std::nullopt;
    }
    return finish(m_context, m_phases, FinishScope::clean_up_only);
}

Outcome Settlement::end_guest_off()
{
    undo_all(m_context, m_phases, true);
    undo_all(m_context, m_phases, false);
    const model::Observation source =
        m_context.hosts.observe(Side::source, m_context.plan.vm_uuid, m_context.plan.limits.call);
    m_context.outcome.location = {m_context.plan.source, std::string(model::to_string(source.state)), source.reachable};
    m_context.warn(fmt::format("{} was stopped or restarted on {} during the move: it is {} now",
                               m_context.plan.vm_name, m_context.plan.source, model::describe(source)));
    return end_as(m_context,
                  m_context.outcome.debts.empty() ? OutcomeKind::rolled_back : OutcomeKind::rolled_back_debts);
}

Outcome Settlement::end_lost(const Diagnosis& diagnosis)
{
    const auto all = m_context.entries();
    if (all && stage_of(*all) == Stage::resumed) {
        leave_for_target(m_context);
    } else {
        undo_after_loss(m_context, m_phases, diagnosis.situation.target == TargetIs::dead);
    }
    describe_loss(m_context, diagnosis.situation);
    m_context.outcome.reason = diagnosis.row->reason;
    return end_as(m_context, OutcomeKind::lost);
}

}  // namespace

}  // namespace vmferry::engine
