#include "core/phases/cold.hpp"

#include <fmt/format.h>

#include "core/engine/cold_recovery.hpp"
#include "core/engine/copied_disks.hpp"
#include "core/phases/autostart.hpp"
#include "core/phases/cold_copy.hpp"
#include "core/phases/marker.hpp"
#include "core/phases/release.hpp"

namespace vmferry::phases {

using engine::ColdSourceIs;
using engine::ColdTargetIs;
using engine::Context;
using model::Side;

namespace {

using Intent = Result<std::optional<Json>>;

Result<world::Records*> records_of(Context& context, Side side)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(side, context.plan.limits.call));
    if (host->records() == nullptr) {
        return fail(ErrorKind::blocked, fmt::format("{} lets no definition be taken along", context.label(side)));
    }
    return host->records();
}

model::Observation observe(Context& context, Side side)
{
    return context.hosts.observe(side, context.plan.vm_uuid, context.plan.limits.call);
}

ColdTargetIs target_now(Context& context)
{
    return engine::classify_cold_target(observe(context, Side::target), context.plan);
}

/// libvirt would replace a definition of the same UUID, and then what is there would not be ours to remove.
Intent nothing_at_target(Context& context)
{
    const model::Observation target = observe(context, Side::target);
    if (!target.reachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer: {}", context.plan.target, target.problem));
    }
    if (target.exists) {
        return fail(Error(ErrorKind::blocked, fmt::format("{} knows a VM of the same UUID already: it is {}",
                                                          context.plan.target, model::describe(target)))
                        .with_id("VMF-E220")
                        .with_next(fmt::format("virsh -c {} domstate {}", context.plan.target_uri,
                                               context.plan.vm_uuid.str())));
    }
    return std::optional<Json>(Json::object());
}

Result<> define_at_target(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(world::Records * source, records_of(context, Side::source));
    VMF_TRY_ASSIGN(world::Records * target, records_of(context, Side::target));
    VMF_TRY_ASSIGN(world::Portable vm, source->read(context.plan.vm_uuid));
    VMF_TRY_ASSIGN(vm.renames, engine::renames_of(context));
    return target->define_bolted(context.plan.vm_uuid, vm, context.marker(Side::target));
}

/// Only a definition that is off and carries our marker is ours to remove.
Result<> undefine_at_target(Context& context, const Json& /*intent*/)
{
    const model::Plan& plan = context.plan;
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    switch (target_now(context)) {
    case ColdTargetIs::unreachable: return fail(ErrorKind::unreachable, plan.target + " does not answer");
    case ColdTargetIs::none:
    case ColdTargetIs::foreign:
    case ColdTargetIs::unmarked: return {};
    case ColdTargetIs::runs:
        return fail(ErrorKind::failed, fmt::format("somebody has started {} on {}", plan.vm_name, plan.target));
    case ColdTargetIs::defined: break;
    }
    VMF_TRY(context.effect("undefine:target", [&] {
        return control->undefine(plan.vm_uuid, {.keep_nvram = true, .keep_tpm = true, .snapshot_records = true});
    }));
    const ColdTargetIs after = target_now(context);
    return after == ColdTargetIs::none ? Result<>{}
                                       : fail(ErrorKind::failed, fmt::format("{} is still {} on {}", plan.vm_name,
                                                                             to_string(after), plan.target));
}

/// The target's definition with the source's names of images.
Result<std::string> definition_at_target(Context& context, const model::BeforeImage& seen)
{
    VMF_TRY_ASSIGN(std::vector<world::FileRename> renames, engine::renames_of(context));
    if (renames.empty()) {
        return seen.inactive_xml;
    }
    for (world::FileRename& one : renames) {
        std::swap(one.from, one.to);
    }
    VMF_TRY_ASSIGN(world::Records * target, records_of(context, Side::target));
    return target->definition_with(context.plan.vm_uuid, renames);
}

/// What the target made of the definition. A daemon of another version may have added to it, or left out.
Result<> compare_at_target(Context& context)
{
    const model::Plan& plan = context.plan;
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::target, plan.limits.call));
    VMF_TRY_ASSIGN(const model::BeforeImage seen, host->inspect().before_image(plan.vm_uuid));
    model::BeforeImage now = context.before;
    VMF_TRY_ASSIGN(now.inactive_xml, definition_at_target(context, seen));
    now.snapshots = seen.snapshots;
    const auto differences = model::compare(context.before, now);
    if (differences.empty()) {
        return {};
    }
    const model::Difference& first = differences.front();
    return fail(Error(ErrorKind::failed, fmt::format("the {} of {} on {} is not what it was on {}", first.field,
                                                     plan.vm_name, plan.target, plan.source))
                    .with_id("VMF-E221")
                    .with_cause(fmt::format("was {}, is {}", first.before, first.now)));
}

Result<> run_switch(Context& context)
{
    VMF_TRY(compare_at_target(context));
    VMF_TRY(refuse_started(context, Side::target));
    VMF_TRY(refuse_started(context, Side::source));
    VMF_TRY(engine::refuse_stale_copies(context));
    VMF_TRY(engine::check_interrupt(context));
    VMF_TRY(context.record(journal::Kind::commit));
    // Who was quicker and has started it owns the VM; from the end of this definition on nobody can be.
    return engine::run_step(context, definition_at_source());
}

Result<> run_verify(Context& context)
{
    VMF_TRY(compare_at_target(context));
    const model::Observation source = observe(context, Side::source);
    if (source.active()) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is {} on {}", context.plan.vm_name, model::describe(source), context.plan.source));
    }
    return engine::verify_copies(context);
}

/// The definition comes last: it is the first to be undone, and names the images.
engine::Step domain_step() { return {"domain:target", nothing_at_target, define_at_target, undefine_at_target}; }

Result<> run_reserve(Context& context)
{
    VMF_TRY(engine::run_steps(context, {source_marker_step(), autostart_at_source()}));
    VMF_TRY(make_cold_files(context));
    return engine::run_steps(context, {domain_step()});
}

Intent was_off(Context& context) { return context.plan.was_off ? std::optional<Json>(Json::object()) : std::nullopt; }

/// Never before the source is seen to know the VM no more: so no two hosts can start it.
Result<> unbolt(Context& context, const Json& /*intent*/)
{
    const model::Plan& plan = context.plan;
    const model::Observation source = observe(context, Side::source);
    if (!source.reachable || source.exists) {
        return fail(source.reachable ? ErrorKind::failed : ErrorKind::unreachable,
                    fmt::format("{} was not seen to be without {}, so it cannot be started on {} yet", plan.source,
                                plan.vm_name, plan.target));
    }
    VMF_TRY(engine::refuse_stale_copies(context));
    VMF_TRY_ASSIGN(world::Records * records, records_of(context, Side::target));
    VMF_TRY(records->unbolt(plan.vm_uuid));
    return compare_at_target(context);
}

}  // namespace

Result<> refuse_started(Context& context, Side side)
{
    const model::Observation seen = observe(context, side);
    const bool well = side == Side::source ? engine::classify_cold_source(seen) == ColdSourceIs::off
                                           : engine::classify_cold_target(seen, context.plan) == ColdTargetIs::defined;
    if (well) {
        return {};
    }
    if (!seen.reachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", context.label(side)));
    }
    return fail(Error(ErrorKind::failed,
                      fmt::format("somebody has changed {} on {} during its move: it is {}", context.plan.vm_name,
                                  context.label(side), seen.exists ? model::describe(seen) : "not defined"))
                    .with_id("VMF-E222"));
}

engine::Phase cold_reserve_phase()
{
    return {.name = "reserve",
            .steps = {source_marker_step(),
                      autostart_at_source(),
                      {.object = "image:", .intent = nullptr, .apply = nullptr, .undo = engine::undo_copied_image},
                      cold_nvram_step(),
                      domain_step()},
            .run = run_reserve,
            .mark = journal::Kind::reserved};
}

engine::Phase cold_switch_phase() { return {.name = "switch", .steps = {definition_at_source()}, .run = run_switch}; }

engine::Phase cold_verify_phase()
{
    return {.name = "verify", .steps = {}, .run = run_verify, .mark = journal::Kind::verified, .after_switch = true};
}

engine::Step unbolt_step() { return {"bolt:target", was_off, unbolt}; }

Result<> refuse_bolted(Context& context)
{
    if (!context.plan.was_off) {
        return {};
    }
    VMF_TRY_ASSIGN(world::Records * records, records_of(context, Side::target));
    VMF_TRY_ASSIGN(const bool bolted, records->is_bolted(context.plan.vm_uuid));
    return bolted ? fail(ErrorKind::failed, fmt::format("the definition on {} is still bolted", context.plan.target))
                  : Result<>{};
}

}  // namespace vmferry::phases
