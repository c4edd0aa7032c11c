#include "core/phases/new_image.hpp"

#include <fmt/format.h>

#include "core/engine/image_change.hpp"

namespace vmferry::phases {

using engine::Context;
using journal::Kind;
using model::DiskMove;
using model::Side;

Result<> create_image(Context& context, Side side, const DiskMove& disk)
{
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context, side));
    const world::ImageOrder order{.path = disk.to,
                                  .pool = disk.pool,
                                  .working_pool = disk.working_pool,
                                  .format = disk.to_format,
                                  .mode = disk.mode,
                                  .capacity_bytes = disk.capacity_bytes};
    const std::string object = "image:" + disk.target;
    // Looked at once more: what is in the ledger is ours to delete.
    VMF_TRY_ASSIGN(const bool exists, context.hosts.at(side).datastore().file_exists(disk.to));
    if (exists) {
        return fail(Error(ErrorKind::blocked,
                          fmt::format("{} exists on {} and is not overwritten", disk.to, context.label(side)))
                        .with_id("VMF-E204"));
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

}  // namespace vmferry::phases
