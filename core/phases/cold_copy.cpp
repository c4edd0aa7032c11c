#include "core/phases/cold_copy.hpp"

#include <fmt/format.h>

#include "core/base/path.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/image_copy.hpp"
#include "core/phases/here.hpp"
#include "core/phases/inspect_copies.hpp"
#include "core/phases/precheck.hpp"
#include "core/phases/storage.hpp"

namespace vmferry::phases {

using engine::Context;
using engine::ImageCopy;
using journal::Kind;
using model::Side;

namespace {

using Intent = Result<std::optional<Json>>;

Intent nvram_to_copy(Context& context)
{
    const model::Plan& plan = context.plan;
    if (plan.nvram.empty() || !plan.copies.wanted || context.nvram_shared) {
        return std::nullopt;
    }
    VMF_TRY_ASSIGN(world::Images * images, engine::images_of(context, Side::source));
    const auto file = images->look(plan.nvram);
    if (!file && file.error().kind() == ErrorKind::not_found) {
        return std::nullopt;  // A VM that has never run has none yet.
    }
    VMF_TRY(file);
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::target, plan.limits.call));
    VMF_TRY_ASSIGN(const bool exists, host->datastore().file_exists(plan.nvram));
    if (exists) {
        return fail(
            Error(ErrorKind::blocked, fmt::format("{} exists on {} and is not overwritten", plan.nvram, plan.target))
                .with_id("VMF-E204"));
    }
    const std::string pool = fmt::format("vmferry-{}-{}", plan.transaction.str(), engine::k_nvram);
    return std::optional<Json>(Json::object({{"path", plan.nvram}, {"working_pool", pool}}));
}

Result<> make_nvram(Context& context, const Json& intent)
{
    VMF_TRY_ASSIGN(world::Images * images, engine::images_of(context, Side::source));
    VMF_TRY_ASSIGN(world::Disks * source, engine::disks_of(context, Side::source));
    VMF_TRY_ASSIGN(world::Disks * target, engine::disks_of(context, Side::target));
    const std::string& path = context.plan.nvram;
    VMF_TRY_ASSIGN(const world::ImageFile file, images->look(path));
    VMF_TRY_ASSIGN(const world::FileAccess access, source->access(path));
    Result<> made = target->create_image({.path = path,
                                          .owner = access.owner,
                                          .pool = {},
                                          .working_pool = intent.value("working_pool", ""),
                                          .format = "raw",
                                          .mode = access.mode,
                                          .backing = {},
                                          .backing_format = {},
                                          .capacity_bytes = file.stamp.length_bytes});
    if (!made && made.error().kind() == ErrorKind::failed) {
        // Refused: perhaps somebody was quicker. It is not ours.
        context.record_or_warn(Kind::undone, "nvram:target");
    }
    return made;
}

Result<> remove_nvram(Context& context, const Json& intent)
{
    return engine::remove_image(context, intent.value("path", ""), intent.value("working_pool", ""), Side::target);
}

/// Where the copies are made.
Side side_of_copies(const model::Plan& plan) { return plan.moves_storage() ? Side::source : Side::target; }

Result<engine::CopyPlaces> places_of(Context& context, const ImageCopy& copy)
{
    engine::CopyPlaces places;
    places.to_side = side_of_copies(context.plan);
    // Not the name of the other pool: on one host both are open at a time.
    places.from = {copy.from, copy.working_pool + "-from", false};
    places.to = {copy.to, copy.working_pool, false};
    VMF_TRY_ASSIGN(places.from.here, prove_here(context, Side::source, copy.from));
    VMF_TRY_ASSIGN(places.to.here, prove_here(context, places.to_side, copy.to));
    return places;
}

Result<> end_reading(Context& context, const Json& intent)
{
    VMF_TRY_ASSIGN(world::Images * images, engine::images_of(context, Side::source));
    return images->close({intent.value("path", ""), intent.value("working_pool", ""), false});
}

Result<> copy_one(Context& context, const ImageCopy& copy)
{
    VMF_TRY_ASSIGN(const engine::CopyPlaces places, places_of(context, copy));
    const std::string reading = "reading:" + copy.name;
    VMF_TRY(context.record(Kind::ledger, reading, {{"path", copy.from}, {"working_pool", places.from.working_pool}}));
    Json copied;
    VMF_TRY(context.effect("copy:" + copy.name, [&]() -> Result<> {
        VMF_TRY_ASSIGN(copied, engine::copy_image(context, copy, places));
        return {};
    }));
    context.defer(Kind::undone, reading);
    return context.record(Kind::copied, copy.name, std::move(copied));
}

Result<> copy_all(Context& context)
{
    VMF_TRY_ASSIGN(const auto copies, engine::image_copies(context));
    CopyInspection inspection(context);
    VMF_TRY(inspection.look_at_originals(copies));
    for (const ImageCopy& copy : copies) {
        VMF_TRY(engine::check_interrupt(context));
        VMF_TRY(copy_one(context, copy));
    }
    return inspection.compare_copies(copies);
}

}  // namespace

Result<> make_cold_files(Context& context)
{
    for (const model::DiskMove& disk : context.plan.copies.disks) {
        VMF_TRY(engine::check_interrupt(context));
        VMF_TRY(create_copy(context, disk));
    }
    return engine::run_steps(context, {cold_nvram_step()});
}

engine::Step cold_nvram_step() { return {"nvram:target", nvram_to_copy, make_nvram, remove_nvram}; }

engine::Phase cold_copy_phase()
{
    return {.name = "storage",
            .steps = {{.object = "reading:", .intent = nullptr, .apply = nullptr, .undo = end_reading}, probe_step()},
            .run = copy_all,
            .mark = Kind::all_ready};
}

}  // namespace vmferry::phases
