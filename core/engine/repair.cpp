#include "core/engine/repair.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "core/engine/ending.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::Side;

namespace {

constexpr Milliseconds k_second_look{500};
constexpr int k_acts_most = 6;

std::string_view word(CopyAct::Kind kind)
{
    constexpr std::string_view k_words[] = {"resume", "destroy", "undefine"};
    return k_words[static_cast<unsigned>(kind)];
}

std::string object_of(const CopyAct& act) { return fmt::format("{}:{}", word(act.kind), to_string(act.side)); }

Result<int64_t> next_epoch(Context& context, const Uuid& vm)
{
    VMF_TRY_ASSIGN(const int64_t epoch, context.store.highest_epoch(vm));
    return epoch + 1;
}

Result<> carry_out(Context& context, const CopyAct& act)
{
    VMF_TRY(context.record(Kind::ledger, object_of(act)));
    VMF_TRY_ASSIGN(world::Controller * control, context.control(act.side));
    const Uuid& vm = context.plan.vm_uuid;
    VMF_TRY(context.effect(object_of(act), [&]() -> Result<> {
        switch (act.kind) {
        case CopyAct::Kind::resume: return control->resume(vm);
        case CopyAct::Kind::destroy: return control->destroy(vm);
        case CopyAct::Kind::undefine: return control->undefine(vm, {});
        }
        return {};
    }));
    context.defer(Kind::done, object_of(act));
    context.reporter.settled_step(object_of(act));
    return {};
}

bool was_chosen(Context& context)
{
    const auto entries = context.entries();
    return entries && !entries->empty() && entries->front().body->value("chosen", false);
}

Outcome end_well(Context& context, const CopiesSeen& seen)
{
    const model::Observation& kept = seen.second;
    context.outcome.location = {context.plan.target, std::string(model::to_string(kept.state)), true};
    if (seen.first.exists) {
        context.warn(fmt::format("the definition on {} stays: {} has none, so it is the last", context.plan.source,
                                 context.plan.target));
    }
    return end_as(context, OutcomeKind::committed);
}

Outcome stay_open(Context& context, const std::string& why)
{
    const model::Plan& plan = context.plan;
    context.outcome.kind = OutcomeKind::in_doubt;
    context.outcome.reason = why;
    context.outcome.commands = {
        fmt::format("vmferry status --doctor {} --hosts '{},{}'", plan.vm_name, plan.source, plan.target),
        fmt::format("vmferry rollback {}", plan.transaction.brief())};
    return context.outcome;
}

}  // namespace

CopiesSeen look_at_copies(Context& context, const Uuid& vm, std::optional<Side> keep)
{
    const Milliseconds limit = context.plan.limits.call;
    CopiesSeen seen;
    seen.first = context.hosts.observe(Side::source, vm, limit);
    seen.second = context.hosts.observe(Side::target, vm, limit);
    context.world.clock.sleep(k_second_look);
    const model::Observation first = context.hosts.observe(Side::source, vm, limit);
    const model::Observation second = context.hosts.observe(Side::target, vm, limit);
    const bool still = first.same_situation(seen.first) && second.same_situation(seen.second);
    seen.first = first;
    seen.second = second;
    seen.found = decide_copies(classify_copy(first), classify_copy(second));
    seen.acts = still ? acts_for(first, second, keep) : std::vector<CopyAct>();
    return seen;
}

Result<> begin_repair(Context& context, const Uuid& vm, const std::string& name, const CopiesSeen& seen, bool chosen)
{
    model::Plan& plan = context.plan;
    plan.transaction = Uuid::make_v7();
    VMF_TRY_ASSIGN(plan.epoch, next_epoch(context, vm));
    plan.command = k_repair;
    plan.vm_uuid = vm;
    plan.vm_name = name;
    plan.persistent = seen.second.persistent;
    plan.source = context.hosts.address(Side::source).label;
    plan.target = context.hosts.address(Side::target).label;
    plan.source_uri = redact_uri(context.hosts.address(Side::source).uri);
    plan.target_uri = redact_uri(context.hosts.address(Side::target).uri);
    const Json body = {{"plan", model::to_json(plan)},
                       {"plan_digest", model::digest(plan)},
                       {"before", model::to_json(context.before)},
                       {"row", seen.found.row->name},
                       {"chosen", chosen},
                       {"source", model::to_json(seen.first)},
                       {"target", model::to_json(seen.second)}};
    const journal::TransactionHead head = {.id = plan.transaction,
                                           .command = plan.command,
                                           .vm_uuid = vm,
                                           .vm_name = name,
                                           .source = plan.source,
                                           .target = plan.target,
                                           .epoch = plan.epoch,
                                           .begun_at_ms = wall_clock_ms()};
    return context.begin(head, body);
}

Outcome run_repair(Context& context)
{
    const auto keep = was_chosen(context) ? std::optional(Side::target) : std::nullopt;
    for (int done = 0; done < k_acts_most; ++done) {
        const CopiesSeen seen = look_at_copies(context, context.plan.vm_uuid, keep);
        const Remedy remedy = seen.found.row->remedy;
        const bool ours = std::all_of(seen.acts.begin(), seen.acts.end(), [](const CopyAct& act) {
            return act.side == (act.kind == CopyAct::Kind::resume ? Side::target : Side::source);
        });
        const bool last_definition = remedy == Remedy::tidy && seen.acts.empty();
        if ((remedy == Remedy::none && seen.second.exists) || (last_definition && seen.found.here == Side::target)) {
            return end_well(context, seen);
        }
        if (seen.acts.empty() || !ours) {
            return stay_open(context, std::string(seen.found.row->reason));
        }
        if (const auto carried = carry_out(context, seen.acts.front()); !carried) {
            context.warn(carried.error().text());
            if (!context.outcome.error) {
                context.outcome.error = carried.error();
            }
            return stay_open(context, carried.error().what());
        }
    }
    return stay_open(context, "the hosts show something else after each act");
}

}  // namespace vmferry::engine
