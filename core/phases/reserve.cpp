#include "core/phases/reserve.hpp"

#include <fmt/format.h>

#include "core/engine/acts.hpp"
#include "core/engine/copied_disks.hpp"
#include "core/engine/promise.hpp"
#include "core/phases/autostart.hpp"
#include "core/phases/marker.hpp"
#include "core/phases/own_limits.hpp"
#include "core/phases/storage.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

using Intent = Result<std::optional<Json>>;

Intent always(Context& /*context*/) { return Json::object(); }

world::Route route_of(const model::Plan& plan)
{
    if (plan.switch_mode == model::SwitchMode::guarded) {
        return world::Route::held;
    }
    return plan.peer_to_peer ? world::Route::peer_to_peer : world::Route::direct;
}

/// What a transient VM leaves when it ends does not tell how it ended, and these moves need to know it.
Result<> needs_no_trace(const model::Plan& plan)
{
    if (plan.persistent) {
        return {};
    }
    return fail(ErrorKind::blocked,
                fmt::format("{} is transient: when it has ended, nothing on {} tells how, so it is only moved with "
                            "--switch guarded and without post-copy",
                            plan.vm_name, plan.source));
}

/// Opened now: nothing is opened in the switch window, and a transport that cannot hold a reply is
/// refused before anything is touched. Dies with the process, so it is no ledger object.
Result<> open_driver(Context& context)
{
    const model::Plan& plan = context.plan;
    if (const std::string given_up = engine::promise_given_up(plan); !given_up.empty()) {
        VMF_TRY(needs_no_trace(plan));
        context.outcome.promise_given_up = given_up;
        context.warn(given_up);
    }
    VMF_TRY_ASSIGN(context.driver,
                   context.world.hypervisor.prepare(context.hosts.at(Side::source), context.hosts.at(Side::target),
                                                    route_of(plan), plan.limits.call));
    return {};
}

/// libvirt creates the NVRAM file at the target from its template in Prepare, and leaves it there.
Intent nvram_at_target(Context& context)
{
    if (context.plan.nvram.empty() || context.nvram_shared) {
        return std::nullopt;
    }
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::target, context.plan.limits.call));
    VMF_TRY_ASSIGN(const bool exists, host->datastore().file_exists(context.plan.nvram));
    if (exists) {
        return fail(ErrorKind::blocked,
                    fmt::format("{} exists on {} and would be overwritten", context.plan.nvram, context.plan.target));
    }
    return std::optional<Json>(Json::object({{"path", context.plan.nvram}}));
}

/// Only when no domain is left there that could use it.
Result<> remove_nvram(Context& context, const Json& intent)
{
    const model::Plan& plan = context.plan;
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::target, plan.limits.call));
    const model::Observation target = host->inspect().observe(plan.vm_uuid, plan.limits.call);
    if (!target.reachable || target.exists) {
        return fail(target.reachable ? ErrorKind::failed : ErrorKind::unreachable,
                    fmt::format("{} is not seen to be gone from {}: its NVRAM stays", plan.vm_name, plan.target));
    }
    return host->datastore().remove_file(intent.value("path", ""));
}

Result<> created_by_libvirt(Context& /*context*/, const Json& /*intent*/) { return {}; }

Result<> end_target(Context& context, const Json& /*intent*/) { return engine::end_target(context); }

std::vector<engine::Step> first_steps()
{
    return {
        source_marker_step(),
        autostart_at_source(),
        downtime_at_source(),
        bandwidth_at_source(),
        {"nvram:target", nvram_at_target, created_by_libvirt, remove_nvram},
    };
}

/// The last, so that it is the first to be undone, before the source resumes.
engine::Step domain_step() { return {"domain:target", always, created_by_libvirt, end_target}; }

std::vector<engine::Step> steps()
{
    std::vector<engine::Step> all = first_steps();
    all.push_back({.object = "image:", .intent = nullptr, .apply = nullptr, .undo = engine::undo_copied_image});
    all.push_back(domain_step());
    return all;
}

/// libvirt would make them, too, and fill any file of that name; and never takes them away.
Result<> make_images(Context& context)
{
    for (const model::DiskMove& disk : context.plan.copies.disks) {
        VMF_TRY(engine::check_interrupt(context));
        VMF_TRY(create_copy(context, disk));
    }
    return {};
}

Result<> run(Context& context)
{
    VMF_TRY(open_driver(context));
    VMF_TRY(engine::run_steps(context, first_steps()));
    VMF_TRY(make_images(context));
    return engine::run_steps(context, {domain_step()});
}

}  // namespace

engine::Phase reserve_phase()
{
    return {.name = "reserve", .steps = steps(), .run = run, .mark = journal::Kind::reserved};
}

}  // namespace vmferry::phases
