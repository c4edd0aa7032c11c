#include "core/engine/copied_disks.hpp"
#include "core/engine/promise.hpp"
#include "core/engine/settle.hpp"
#include "core/engine/settle_loop.hpp"
#include "core/engine/what_ran.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

/// In the body of SWITCH_INTENT and COMMIT.
constexpr std::string_view k_decides = "decides";
constexpr std::string_view k_native_word = "libvirt";
constexpr std::string_view k_fencing_word = "fence";

bool says(const journal::Entry& entry, std::string_view word)
{
    return entry.body->is_object() && entry.body->value(std::string(k_decides), "") == word;
}

}  // namespace

Json switch_intent_body(const model::Plan& plan)
{
    return plan.switch_mode == model::SwitchMode::native ? Json{{k_decides, k_native_word}} : Json::object();
}

Json commit_before_fence_body() { return {{k_decides, k_fencing_word}}; }

Table table_of(const model::Plan& plan)
{
    if (plan.moves_storage()) {
        return plan.was_off ? Table::offline : Table::storage;
    }
    return plan.was_off ? Table::cold : Table::live;
}

Stage stage_of(std::span<const journal::Entry> entries)
{
    Stage stage = Stage::open;
    for (const journal::Entry& entry : entries) {
        switch (entry.kind) {
        case Kind::pivot_intent: stage = Stage::intent; break;
        case Kind::switch_intent: stage = says(entry, k_native_word) ? Stage::native : Stage::intent; break;
        case Kind::postcopy: stage = Stage::postcopy; break;
        case Kind::abort_intent: stage = Stage::abort; break;
        case Kind::commit: stage = says(entry, k_fencing_word) ? Stage::fencing : Stage::commit; break;
        case Kind::fenced: stage = Stage::commit; break;
        case Kind::resumed: stage = Stage::resumed; break;
        default: break;
        }
    }
    return stage;
}

namespace {

/// Only a guest that runs does that: libvirt gives this reason also to an emulator that is told to quit, as the fence
/// does.
bool shut_itself_down(const model::Plan& plan, const Diagnosis& diagnosis)
{
    const Stage stage = diagnosis.situation.stage;
    const bool fence_sent =
        plan.switch_mode == model::SwitchMode::fence && stage != Stage::intent && stage != Stage::postcopy;
    return !fence_sent && diagnosis.source.reason == model::StateReason::shutdown;
}

/// The source's daemon drives, and keeps its job until its Confirm: before that nobody can resume the source, and
/// Confirm(cancelled), which does, forgets the statistics first; it is left out when the source has ended before it.
/// With a complete target they are this move's. But they stay through a start of the domain, too.
bool ended_where_it_stood(const Context& context, const Diagnosis& diagnosis)
{
    const SourceIs source = diagnosis.situation.source;
    return context.plan.peer_to_peer && (source == SourceIs::stopped || source == SourceIs::died) &&
           !shut_itself_down(context.plan, diagnosis) && diagnosis.situation.target == TargetIs::complete &&
           diagnosis.source.stream_completed;
}

/// Off, but not where it stood at the end of its memory stream: somebody had let it run, or started it anew.
bool ran_on(const Context& context, const Diagnosis& diagnosis)
{
    const Situation& is = diagnosis.situation;
    return is_off(is.source) &&
           (context.source_started_anew || (is.stage == Stage::commit && shut_itself_down(context.plan, diagnosis)));
}

/// A host that gave no answer is not waited for a second time: the guest may stand meanwhile.
bool look_again(Context& context, Side side, model::Observation& seen)
{
    if (!seen.reachable) {
        return true;
    }
    model::Observation now = context.hosts.observe(side, context.plan.vm_uuid, context.plan.limits.call);
    const bool same = now.same_situation(seen);
    seen = std::move(now);
    return same;
}

}  // namespace

Diagnosis diagnose_at(Context& context, const SettleOptions& options, Stage stage)
{
    const Uuid& vm = context.plan.vm_uuid;
    const Milliseconds limit = context.plan.limits.call;
    Diagnosis diagnosis;
    diagnosis.source = context.hosts.observe(Side::source, vm, limit);
    diagnosis.target = context.hosts.observe(Side::target, vm, limit);
    remember_what_runs(context, stage, diagnosis.source, diagnosis.target);
    for (int look = 0; look < k_most_looks; ++look) {
        context.world.clock.sleep(k_second_look);
        const bool source_same = look_again(context, Side::source, diagnosis.source);
        const bool target_same = look_again(context, Side::target, diagnosis.target);
        remember_what_runs(context, stage, diagnosis.source, diagnosis.target);
        if (source_same && target_same) {
            break;
        }
    }
    if (context.reply_held) {
        diagnosis.source.job_active = false;  // The job is ours, and it stands as long as we hold the reply.
    }
    diagnosis.situation.stage = stage;
    diagnosis.situation.forward_wanted = options.forward;
    diagnosis.situation.source =
        classify_source(diagnosis.source, context.before, context.plan, options.host_dead == Side::source);
    diagnosis.situation.target = owner_without_marker(
        stage, classify_target(diagnosis.target, context.plan, options.host_dead == Side::target), diagnosis.target);
    if (ended_where_it_stood(context, diagnosis)) {
        diagnosis.situation.source = SourceIs::ended;
    }
    if (ran_on(context, diagnosis)) {
        diagnosis.situation.source = SourceIs::ran_on;
    }
    diagnosis.target_has_run = context.target_has_run;
    diagnosis.source_started_anew = context.source_started_anew;
    if (diagnosis.target_has_run) {
        diagnosis.situation = after_a_run(diagnosis.situation);
    }
    diagnosis.row = &decide(diagnosis.situation);
    return diagnosis;
}

Result<Diagnosis> diagnose(Context& context, const SettleOptions& options)
{
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    return diagnose_at(context, options, stage_of(entries));
}

bool tells_more(const Diagnosis& diagnosis, const Diagnosis& last)
{
    return diagnosis.row->name != last.row->name || diagnosis.situation.source != last.situation.source ||
           diagnosis.target_has_run != last.target_has_run || diagnosis.source_started_anew != last.source_started_anew;
}

Json to_json(const Diagnosis& diagnosis)
{
    return {{"row", diagnosis.row->name},
            {"action", to_string(diagnosis.row->action)},
            {"stage", to_string(diagnosis.situation.stage)},
            {"source", to_string(diagnosis.situation.source)},
            {"target", to_string(diagnosis.situation.target)},
            {k_target_has_run, diagnosis.target_has_run},
            {k_source_started_anew, diagnosis.source_started_anew}};
}

Result<> load_transaction(Context& context, const std::vector<journal::Entry>& entries)
{
    if (entries.empty() || entries.front().kind != Kind::begin) {
        return fail(ErrorKind::journal, "the transaction has no BEGIN entry");
    }
    const Json& body = *entries.front().body;
    if (!body.is_object() || !body.contains("plan") || !body.contains("before")) {
        return fail(ErrorKind::journal, "the transaction's BEGIN entry has no plan or no before image");
    }
    VMF_TRY_ASSIGN(context.plan, model::plan_from_json(body.at("plan")));
    apply_decided_copies(context.plan, entries);
    VMF_TRY_ASSIGN(context.before, model::before_image_from_json(body.at("before")));
    recall_what_ran(context, entries);
    context.outcome.promise_given_up = promise_given_up(context.plan);
    return {};
}

}  // namespace vmferry::engine
