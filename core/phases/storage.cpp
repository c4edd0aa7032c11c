#include "core/phases/storage.hpp"

#include <fmt/format.h>

#include "core/engine/copied_images.hpp"
#include "core/engine/copy_watch.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/kept_images.hpp"
#include "core/engine/storage_recovery.hpp"
#include "core/phases/marker.hpp"
#include "core/phases/own_limits.hpp"

namespace vmferry::phases {

using engine::Context;
using journal::Kind;
using model::DiskMove;
using model::Side;

namespace {

Result<> create_image(Context& context, const DiskMove& disk, Side side = Side::source)
{
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context, side));
    const world::ImageOrder order{.path = disk.to,
                                  .owner = disk.owner,
                                  .pool = disk.pool,
                                  .working_pool = disk.working_pool,
                                  .format = disk.to_format,
                                  .mode = disk.mode,
                                  .backing = disk.backing,
                                  .backing_format = disk.backing_format,
                                  .capacity_bytes = disk.capacity_bytes};
    const std::string object = "image:" + disk.target;
    // Looked at once more: what is in the ledger is ours to delete.
    VMF_TRY_ASSIGN(const bool exists, context.hosts.at(side).datastore().file_exists(disk.to));
    if (exists) {
        return fail(Error(ErrorKind::blocked, disk.to + " exists and is not overwritten").with_id("VMF-E204"));
    }
    VMF_TRY(context.record(Kind::ledger, object, {{"path", disk.to}, {"working_pool", disk.working_pool}}));
    Result<> made = context.effect(object, [&] { return disks->create_image(order); });
    if (!made && made.error().kind() == ErrorKind::failed) {
        // Refused: perhaps somebody was quicker and made one of that name. It is not ours.
        context.record_or_warn(Kind::undone, object);
    }
    VMF_TRY(std::move(made));
    context.defer(Kind::done, object);
    return {};
}

Result<> make_images(Context& context)
{
    VMF_TRY(engine::run_steps(context, {source_marker_step()}));
    for (const DiskMove& disk : context.plan.storage.disks) {
        VMF_TRY(engine::check_interrupt(context));
        if (!disk.reuse) {
            VMF_TRY(create_image(context, disk));
        }
    }
    return {};
}

Result<> remove_new_image(Context& context, const Json& intent)
{
    return engine::remove_image(context, intent.value("path", ""), intent.value("working_pool", ""));
}

/// Of this transaction only: a copy to somewhere else is not ours.
Result<> end_copy(Context& context, const Json& intent)
{
    const std::string target = intent.value("target", "");
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context));
    auto states = disks->states(context.plan.vm_uuid);
    if (!states && states.error().kind() == ErrorKind::not_found) {
        return {};
    }
    VMF_TRY_ASSIGN(const auto seen, std::move(states));
    const world::DiskState* state = engine::state_of(seen, target);
    if (state == nullptr || state->copy != intent.value("path", "")) {
        return {};
    }
    return disks->end_copy(context.plan.vm_uuid, target);
}

/// QEMU goes on writing to a file that somebody has removed, and it would be gone with that QEMU.
Result<> refuse_missing_images(Context& context)
{
    for (const DiskMove& disk : context.plan.storage.disks) {
        VMF_TRY_ASSIGN(const bool exists, context.hosts.at(Side::source).datastore().file_exists(disk.to));
        if (!exists) {
            return fail(Error(ErrorKind::failed,
                              fmt::format("somebody has removed {}, the new image of disk {}", disk.to, disk.target))
                            .with_id("VMF-E210"));
        }
    }
    return {};
}

Result<> copy_all(Context& context)
{
    const auto changes = engine::changes_forward(context.plan.storage);
    VMF_TRY(engine::check_interrupt(context));
    VMF_TRY(engine::start_copies(context, "mirror", changes, context.plan.storage.synchronous));
    return engine::CopyWatch(context, "mirror", changes, engine::CopyWatch::Stops::on_request).until_ready();
}

/// A VM that others have paused meanwhile is not ours to resume.
Result<> refuse_paused(Context& context)
{
    const model::Observation vm = context.hosts.observe(Side::source, context.plan.vm_uuid, context.plan.limits.call);
    if (vm.state != model::RunState::running) {
        return fail(ErrorKind::failed, fmt::format("{} is {}", context.plan.vm_name, model::describe(vm)));
    }
    return {};
}

/// Everything between the suspension and the resume is time in which the guest stands. COMMIT is the one
/// durable write in it.
Result<> change_all(Context& context)
{
    const auto changes = engine::changes_forward(context.plan.storage);
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    VMF_TRY(refuse_missing_images(context));
    VMF_TRY(refuse_paused(context));
    // That took its time: once more, so that next to nothing is left to write in the pause.
    VMF_TRY(engine::CopyWatch(context, "mirror", changes, engine::CopyWatch::Stops::on_request).until_ready());
    VMF_TRY(context.record(Kind::pivot_intent));
    context.storage.intent_here = true;
    const Milliseconds stopped_at = context.world.clock.now();
    VMF_TRY(context.effect("suspend:source", [&] { return control->suspend(context.plan.vm_uuid); }));
    VMF_TRY(engine::pivot_all(context, changes));
    VMF_TRY(engine::verify_images(context, changes));
    VMF_TRY(context.record(Kind::commit));
    VMF_TRY(context.effect("resume:source", [&] { return control->resume(context.plan.vm_uuid); }));
    context.outcome.downtime = context.world.clock.now() - stopped_at;
    return {};
}

Result<> verify(Context& context)
{
    const auto changes = engine::changes_forward(context.plan.storage);
    VMF_TRY(engine::verify_images(context, changes));
    if (!context.plan.was_off) {
        engine::tidy_definition(context, changes);
    }
    return context.plan.was_off ? Result<>{} : refuse_paused(context);
}

using Intent = Result<std::optional<Json>>;

Json paths_of_old(const Context& context)
{
    Json paths = Json::array();
    for (const DiskMove& disk : context.plan.storage.disks) {
        paths.push_back(disk.from);
    }
    return Json::object({{"paths", std::move(paths)}});
}

Intent old_images(Context& context)
{
    return context.plan.storage.keep_source ? std::nullopt : std::optional(paths_of_old(context));
}

Intent kept_images(Context& context)
{
    return context.plan.storage.keep_source ? std::optional(paths_of_old(context)) : std::nullopt;
}

/// A ticket that cannot be had is no harm: the way back is a copy then.
Result<> keep_old_images(Context& context, const Json& /*intent*/)
{
    VMF_TRY(engine::verify_images(context, engine::changes_forward(context.plan.storage)));
    if (!context.plan.storage.return_ticket) {
        return {};
    }
    if (const auto started = engine::start_return_tickets(context); !started) {
        context.warn(fmt::format("the old images are kept, but do not follow what {} writes from now on: {}",
                                 context.plan.vm_name, started.error().text()));
    }
    return {};
}

/// Nothing is removed unless each disk was seen to need it no more, live and defined.
Result<> remove_old_images(Context& context, const Json& /*intent*/)
{
    VMF_TRY(engine::verify_images(context, engine::changes_forward(context.plan.storage)));
    VMF_TRY(refuse_missing_images(context));
    if (context.plan.was_off) {
        VMF_TRY(engine::refuse_stale_copies(context));
    }
    for (const DiskMove& disk : context.plan.storage.disks) {
        VMF_TRY(engine::remove_image(context, disk.from, {}));
    }
    return {};
}

Intent always(Context& /*context*/) { return Json::object(); }

Result<> clear_marker(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return control->clear_marker(context.plan.vm_uuid);
}

}  // namespace

Result<> create_copy(Context& context, const DiskMove& disk) { return create_image(context, disk, Side::target); }

engine::Phase images_phase()
{
    return {.name = "reserve",
            // The speed limit is not touched, but a daemon that restarts meanwhile forgets it.
            .steps = {source_marker_step(),
                      bandwidth_at_source(),
                      {.object = "image:", .intent = nullptr, .apply = nullptr, .undo = remove_new_image}},
            .run = make_images,
            .mark = Kind::reserved};
}

engine::Phase copies_phase()
{
    return {.name = "storage",
            .steps = {{.object = "mirror:", .intent = nullptr, .apply = nullptr, .undo = end_copy},
                      {.object = "mirror-back:", .intent = nullptr, .apply = nullptr, .undo = end_copy}},
            .run = copy_all,
            .mark = Kind::all_ready};
}

engine::Phase pivot_phase() { return {.name = "switch", .steps = {}, .run = change_all}; }

engine::Phase verify_images_phase()
{
    return {.name = "verify", .steps = {}, .run = verify, .mark = Kind::verified, .after_switch = true};
}

engine::Phase release_images_phase()
{
    return {.name = "release",
            .steps = {{"old-images:source", old_images, remove_old_images},
                      {engine::k_kept, kept_images, keep_old_images},
                      {"marker:target", always, clear_marker}},
            .mark = Kind::released,
            .after_switch = true};
}

}  // namespace vmferry::phases
