#include "core/engine/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/engine/acts.hpp"
#include "core/engine/ending.hpp"
#include "core/engine/images.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

/// libvirt's own Confirm ends the source once the held reply is let go.
void release_reply(Context& context)
{
    if (!context.migration || context.migration->result() || !context.reply_held) {
        return;
    }
    static_cast<void>(context.effect("release", [&]() -> Result<> {
        context.migration->release();
        return {};
    }));
    context.reply_held = false;
}

void wait_for_call(Context& context)
{
    const Milliseconds end = context.world.clock.now() + return_limit(context);
    while (context.migration && !context.migration->result()) {
        const Milliseconds left = end - context.world.clock.now();
        if (left.count() <= 0) {
            context.warn("the migrate call did not return in time; the source is looked at instead");
            return;
        }
        static_cast<void>(context.migration->next(left));
    }
}

/// What the daemon counted, now that nothing stands still for it.
void read_statistics(Context& context)
{
    const auto done = context.migration ? context.migration->completed() : std::nullopt;
    if (done) {
        context.outcome.memory_bytes_sent = done->processed_bytes;
        context.outcome.passes = done->iteration;
        const bool by_libvirt = context.plan.switch_mode == model::SwitchMode::native && !context.plan.was_paused;
        context.outcome.downtime = by_libvirt ? done->downtime : context.outcome.downtime;
    }
}

void end_source_or_owe(Context& context)
{
    wait_for_call(context);
    read_statistics(context);
    if (const auto ended = end_source(context); !ended) {
        context.record_or_warn(Kind::debt, "domain:source", {{"error", ended.error().text()}});
        context.outcome.debts.push_back("domain:source: " + ended.error().text());
    }
}

/// After the source's end: its daemon was the one to give the images away.
void keep_images_or_owe(Context& context)
{
    if (const std::string problem = keep_images(context, Side::target); !problem.empty()) {
        context.record_or_warn(Kind::debt, "owner:target", {{"error", problem}});
        context.outcome.debts.push_back("owner:target: " + problem);
    }
}

/// What earlier attempts have written; nullopt when the journal cannot be read.
std::optional<std::set<Kind>> kinds_written(Context& context)
{
    const auto entries = context.entries();
    if (!entries) {
        return std::nullopt;
    }
    std::set<Kind> kinds;
    for (const journal::Entry& entry : *entries) {
        kinds.insert(entry.kind);
    }
    return kinds;
}

void run_phase(Context& context, const Phase& phase)
{
    context.reporter.phase_started(phase.name);
    const Milliseconds start = context.world.clock.now();
    const size_t debts = context.outcome.debts.size();
    if (phase.run) {
        if (const auto done = phase.run(context); !done) {
            context.outcome.debts.push_back(fmt::format("{}: {}", phase.name, done.error().text()));
            context.record_or_warn(Kind::debt, std::string(phase.name), {{"error", done.error().text()}});
        }
    }
    finish_steps(context, phase.steps);
    if (phase.mark && debts == context.outcome.debts.size()) {
        context.record_or_warn(*phase.mark);
    }
    context.reporter.phase_done(phase.name, context.world.clock.now() - start, {});
}

/// Debts of an earlier attempt that this one paid; written together with END.
void settle_debts(Context& context)
{
    const auto entries = context.entries();
    if (!entries) {
        return;
    }
    const auto& owed = context.outcome.debts;
    for (const std::string& debt : open_debts(*entries)) {
        const auto is_it = [&](const std::string& now) { return now.starts_with(debt + ": "); };
        if (std::none_of(owed.begin(), owed.end(), is_it)) {
            context.defer(Kind::settled, debt);
        }
    }
}

}  // namespace

Result<> note_resumed(Context& context)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    const bool noted = std::any_of(entries.begin(), entries.end(),
                                   [](const journal::Entry& entry) { return entry.kind == Kind::resumed; });
    if (!noted) {
        VMF_TRY(context.record(Kind::resumed));
        mark_resumed(context);
    }
    return {};
}

FinishScope scope_as_it_stands(Context& context)
{
    const model::Plan& plan = context.plan;
    const model::Observation target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
    const auto moved_as = plan.was_paused ? model::RunState::paused : model::RunState::running;
    return target.reachable && target.state == moved_as ? FinishScope::whole : FinishScope::clean_up_only;
}

Outcome finish(Context& context, const std::vector<Phase>& phases, FinishScope scope)
{
    release_reply(context);
    const auto before = kinds_written(context);
    // A VM that is off has not run anywhere.
    if (before && !context.plan.was_off) {
        if (const auto noted = note_resumed(context); !noted) {
            // Nothing that follows may happen without its intent in the journal.
            context.warn(noted.error().text());
            wait_for_call(context);
            context.outcome.kind = OutcomeKind::committed_degraded;
            context.outcome.location = {context.plan.target, context.plan.was_paused ? "paused" : "running", true};
            return context.outcome;
        }
    }
    if (!context.plan.moves_storage() && !context.plan.was_off) {
        end_source_or_owe(context);
        keep_images_or_owe(context);
    }
    for (const Phase& phase : phases) {
        const bool wanted = phase.after_switch && (scope == FinishScope::whole || !phase.run);
        if (wanted && !(phase.mark && before && before->contains(*phase.mark))) {
            run_phase(context, phase);
        }
    }
    const model::Observation target =
        context.hosts.observe(Side::target, context.plan.vm_uuid, context.plan.limits.call);
    context.outcome.location = {context.plan.target, std::string(model::to_string(target.state)), target.reachable};
    if (scope == FinishScope::clean_up_only) {
        context.warn(fmt::format("{} is {} on {}: it had run there and was not started again", context.plan.vm_name,
                                 model::describe(target), context.plan.target));
    }
    context.outcome.kind = context.outcome.debts.empty() ? OutcomeKind::committed : OutcomeKind::committed_degraded;
    settle_debts(context);
    const std::string ended(to_string(context.outcome.kind));
    if (!write_end(context, context.outcome.kind, {{"outcome", ended}})) {
        context.outcome.kind = OutcomeKind::committed_degraded;
    }
    return context.outcome;
}

}  // namespace vmferry::engine
