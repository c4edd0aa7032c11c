#include "core/engine/from_markers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/secret.hpp"
#include "core/engine/marked_ledger.hpp"
#include "core/engine/transaction.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Marker;
using model::Side;

namespace {

std::optional<Marker> own_marker(const model::Observation& seen, const Uuid& transaction)
{
    const std::optional<Marker>& marker = seen.marker();
    return seen.reachable && marker && marker->transaction == transaction ? marker : std::nullopt;
}

/// As it was, where the marker says so.
void put_back(model::BeforeImage& before, const model::Plan& plan, const Marker& marker)
{
    model::Observation& state = before.state;
    state.reachable = true;
    state.exists = true;
    state.persistent = plan.persistent;
    state.state = plan.was_paused ? model::RunState::paused : model::RunState::running;
    state.reason = plan.was_paused ? model::StateReason::user : model::StateReason::other;
    state.id = marker.instance;
    state.cpu_time_ns = marker.cpu_time_ns;
    state.job_active = false;
    before.autostart = plan.autostart;
    before.max_downtime_ms = plan.max_downtime_ms;
    before.max_bandwidth_mib_s = plan.max_bandwidth_mib_s;
}

Result<model::Plan> plan_of(const Marker& marker)
{
    if (!marker.plan) {
        return fail(ErrorKind::not_found, "the marker was written by a vmferry that did not put the plan into it");
    }
    VMF_TRY_ASSIGN(const Json json, parse_json(*marker.plan));
    VMF_TRY_ASSIGN(model::Plan plan, model::plan_from_json(json));
    if (plan.transaction != marker.transaction || plan.epoch != marker.epoch) {
        return fail(ErrorKind::bad_plan, "the plan in the marker is that of another transaction");
    }
    if (plan.moves_storage()) {
        return fail(
            Error(ErrorKind::failed, "a storage-move began: which images are its own only its journal tells")
                .with_next(fmt::format("vmferry rollback {}   on {}", marker.transaction.brief(), marker.controller)));
    }
    if (plan.was_off) {
        return fail(
            Error(ErrorKind::failed, "the move of a VM that is off began: whether COMMIT was durable only its journal "
                                     "tells")
                .with_next(fmt::format("vmferry rollback {}   on {}", marker.transaction.brief(), marker.controller)));
    }
    return plan;
}

}  // namespace

Markers markers_of(const Diagnosis& seen, const Uuid& transaction)
{
    return {own_marker(seen.source, transaction), own_marker(seen.target, transaction)};
}

Stage stage_of(const Markers& markers)
{
    if (!markers.target || !markers.target->committed) {
        return Stage::intent;
    }
    return markers.target->resumed ? Stage::resumed : Stage::commit;
}

Result<> rebuild(Context& context, const Marker& marker)
{
    VMF_TRY_ASSIGN(context.plan, plan_of(marker));
    model::Plan& plan = context.plan;
    for (const Side side : {Side::source, Side::target}) {
        const model::HostAddress& address = context.hosts.address(side);
        (side == Side::source ? plan.source : plan.target) = address.label;
        (side == Side::source ? plan.source_uri : plan.target_uri) = redact_uri(address.uri);
    }
    context.before = {};
    if (const auto host = context.hosts.get(Side::source, plan.limits.call)) {
        context.before = (*host)->inspect().before_image(plan.vm_uuid).value_or(model::BeforeImage());
    }
    put_back(context.before, plan, marker);
    return {};
}

std::optional<std::string> undecidable(const Diagnosis& seen, const Markers& markers, const model::Plan& plan)
{
    const SourceIs source = seen.situation.source;
    const TargetIs target = seen.situation.target;
    const bool committed = markers.target && markers.target->committed;
    const bool source_off = is_off(source) || source == SourceIs::dead || source == SourceIs::unreachable;
    if (target == TargetIs::unreachable || (target == TargetIs::dead && source != SourceIs::runs)) {
        return fmt::format("the marker on {} would tell whether its copy owns the VM, and it cannot be read",
                           plan.target);
    }
    if (source == SourceIs::held && target == TargetIs::none && !plan.persistent) {
        return fmt::format("{} is transient: had its copy run on {} and ended, nothing there would tell", plan.vm_name,
                           plan.target);
    }
    if (source == SourceIs::held && target == TargetIs::foreign) {
        return fmt::format("the definition on {} bears no marker: somebody acted on it, and it may have run",
                           plan.target);
    }
    if (source_off && target == TargetIs::defined && committed && !markers.target->resumed) {
        return fmt::format("the copy on {} owned the VM and is off: whether it has run there is not told", plan.target);
    }
    const bool source_put_back = seen.source.exists && !markers.source;
    if (source_put_back && source_off && target == TargetIs::complete && committed) {
        return fmt::format("{} bears no marker any more: it may have been put back and run after the copy on {}",
                           plan.source, plan.target);
    }
    return std::nullopt;
}

Result<> adopt(Context& context, const std::vector<Phase>& phases, const Markers& markers)
{
    const model::Plan& plan = context.plan;
    const Marker& marker = markers.target ? *markers.target : *markers.source;
    VMF_TRY_ASSIGN(std::vector<journal::Draft> more, marked_ledger(context, phases, markers));
    more.push_back({Kind::switch_intent, "", Json::object()});
    if (marker.committed) {
        more.push_back({Kind::commit, "", {{"told_by", "marker"}}});
    }
    if (marker.resumed) {
        more.push_back({Kind::resumed, "", {{"told_by", "marker"}}});
    }
    Json body = {{"plan", model::to_json(plan)},
                 {"plan_digest", model::digest(plan)},
                 {"before", model::to_json(context.before)},
                 {"adopted", {{"told_by", "markers"}, {"controller", marker.controller}}}};
    return context.begin(head_of(plan), std::move(body), more);
}

namespace {

/// A controller that lives does something within this time, or has a job on the VM.
constexpr Milliseconds k_silence{1500};

Diagnosis diagnose_marked(Context& context, const SettleOptions& options, const Uuid& transaction)
{
    Diagnosis seen = diagnose_at(context, options, Stage::intent);
    const Stage stage = stage_of(markers_of(seen, transaction));
    return stage == Stage::intent ? seen : diagnose_at(context, options, stage);
}

/// What could not be compared.
std::string what_is_compared(const model::Plan& plan, const Markers& markers)
{
    std::string text =
        "the before image is lost with the journal: instance, processor time, run state, persistence, autostart, "
        "downtime and speed limit are compared with what the marker says, everything else only with what it was just "
        "now";
    const std::vector<std::string> files = files_at_target(plan);
    if (!files.empty() && !markers.target) {
        text += fmt::format("; whether {} on {} was made for this move nobody tells: it stays",
                            fmt::join(files, " or "), plan.target);
    }
    return text;
}

}  // namespace

Result<MarkedCase> look_by_marker(Context& context, const Marker& marker, const SettleOptions& options)
{
    VMF_TRY(rebuild(context, marker));
    const model::Plan& plan = context.plan;
    const Diagnosis first = diagnose_marked(context, options, marker.transaction);
    context.world.clock.sleep(k_silence);
    MarkedCase found;
    found.seen = diagnose_marked(context, options, marker.transaction);
    const model::Observation& source = found.seen.source;
    const model::Observation& target = found.seen.target;
    const bool works = (source.reachable && source.job_active) || (target.reachable && target.job_active);
    if (works || !first.source.same_situation(source) || !first.target.same_situation(target)) {
        return fail(Error(ErrorKind::busy,
                          fmt::format("somebody works on {}: {} on {}, {} on {}", plan.vm_name, model::describe(source),
                                      plan.source, model::describe(target), plan.target))
                        .with_next("the same command when that has ended"));
    }
    found.markers = markers_of(found.seen, marker.transaction);
    found.in_doubt = undecidable(found.seen, found.markers, plan);
    if (!found.in_doubt && found.seen.row->action == Action::doubt) {
        found.in_doubt = found.seen.row->reason;
    }
    return found;
}

Result<Outcome> settle_by_markers(Context& context, const std::vector<Phase>& phases, const MarkedCase& found,
                                  const SettleOptions& options)
{
    if (!found.markers.source && !found.markers.target) {
        return fail(ErrorKind::busy, "the marker went away meanwhile");
    }
    VMF_TRY(adopt(context, phases, found.markers));
    if (stage_of(found.markers) == Stage::intent) {
        context.warn(what_is_compared(context.plan, found.markers));
    }
    if (options.host_dead) {
        const bool source = options.host_dead == Side::source;
        VMF_TRY(
            context.record(Kind::note, "host-dead", {{"host", source ? context.plan.source : context.plan.target}}));
    }
    return settle(context, phases, options, std::nullopt);
}

}  // namespace vmferry::engine
