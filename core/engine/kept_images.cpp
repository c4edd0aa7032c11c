#include "core/engine/kept_images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/json_at.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/storage_recovery.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using journal::Kind;

namespace {

constexpr std::string_view k_ticket = "ticket";

Result<> end_tickets(Context& context, world::Disks& disks)
{
    auto states = disks.states(context.plan.vm_uuid);
    if (!states) {
        return states.error().kind() == ErrorKind::not_found ? Result<>{} : fail(std::move(states).error());
    }
    for (const ImageChange& change : changes_back(context.plan.storage, *states)) {
        if (state_of(*states, change.target)->copy == change.to) {
            VMF_TRY(context.effect("end-ticket:" + change.target,
                                   [&] { return disks.end_copy(context.plan.vm_uuid, change.target); }));
        }
    }
    return {};
}

/// The name is not enough: somebody may use a file of it by now.
Result<> remove_unused(Context& context, world::Disks& disks, const std::string& path)
{
    VMF_TRY_ASSIGN(const auto users, disks.users_of(path));
    if (!users.empty()) {
        context.warn(fmt::format("{} is used by {}: it stays", path, fmt::join(users, ", ")));
        return {};
    }
    return context.effect("release:" + path, [&] { return remove_image(context, path, {}); });
}

}  // namespace

std::vector<std::string> kept_images(std::span<const journal::Entry> entries)
{
    std::vector<std::string> paths;
    for (const OpenObject& object : open_objects(entries)) {
        if (object.object == k_kept) {
            paths = texts_at(object.intent, "paths");  // The same step may have run twice.
        }
    }
    return paths;
}

Result<> start_return_tickets(Context& context)
{
    VMF_TRY_ASSIGN(const auto states, disk_states(context));
    return start_copies(context, k_ticket, changes_back(context.plan.storage, states), true);
}

Result<> release_kept_images(Context& context)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    const std::vector<std::string> paths = kept_images(entries);
    VMF_TRY(end_tickets(context, *disks));
    for (const std::string& path : paths) {
        VMF_TRY(remove_unused(context, *disks, path));
    }
    return context.record(Kind::settled, std::string(k_kept));
}

}  // namespace vmferry::engine
