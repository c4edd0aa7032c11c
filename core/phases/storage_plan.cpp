#include "core/phases/storage_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/path.hpp"
#include "core/base/secret.hpp"
#include "core/checks/movable_disks.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/storage_recovery.hpp"
#include "core/engine/transaction.hpp"
#include "core/phases/storage_refusals.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Disk;
using model::DiskMove;
using model::Side;

namespace {

/// The same name, with an ending that does not belie the format.
std::string new_name(const Disk& disk, const std::string& format)
{
    const std::string name = name_of(disk.source);
    for (const std::string_view ending : {".qcow2", ".raw", ".img"}) {
        if (format != disk.format && name.ends_with(ending)) {
            return name.substr(0, name.rfind('.')) + "." + format;
        }
    }
    return name;
}

DiskMove towards(const world::Place& place, const Disk& disk, const StorageRequest& request)
{
    DiskMove move;
    move.target = disk.target;
    move.from = disk.source;
    move.from_format = disk.format;
    move.to_format = request.format.empty() ? disk.format : request.format;
    if (request.shallow) {
        move.backing = disk.backing;
        move.backing_format = disk.backing_format;
    }
    move.to = fmt::format("{}{}{}", place.directory, place.directory.ends_with('/') ? "" : "/",
                          new_name(disk, move.to_format));
    move.pool = place.pool;
    return move;
}

DiskMove exactly(const ImageWish& wish, const Disk& disk)
{
    DiskMove move;
    move.target = disk.target;
    move.from = disk.source;
    move.from_format = disk.format;
    move.to = wish.path;
    move.to_format = wish.format;
    move.pool = wish.pool;
    // The chain is looked at anew: only what still stands on the same image goes back alone.
    if (!wish.backing.empty() && wish.backing == disk.backing) {
        move.backing = wish.backing;
        move.backing_format = wish.backing_format;
    }
    move.reuse = wish.reuse;
    return move;
}

Result<std::vector<DiskMove>> destinations(Context& context, world::Disks& disks, const StorageRequest& request)
{
    std::vector<DiskMove> moves;
    std::vector<std::string> names = request.disks;
    for (const ImageWish& wish : request.exactly) {
        names.push_back(wish.target);
    }
    VMF_TRY_ASSIGN(const auto chosen, checks::movable_disks(context.domain, names));
    world::Place place;
    if (request.exactly.empty()) {
        VMF_TRY_ASSIGN(place, disks.place(request.to));
    }
    for (size_t i = 0; i < chosen.size(); ++i) {
        moves.push_back(request.exactly.empty() ? towards(place, chosen[i], request)
                                                : exactly(request.exactly[i], chosen[i]));
    }
    // What is there already stays.
    std::erase_if(moves,
                  [](const DiskMove& move) { return move.from == move.to && move.from_format == move.to_format; });
    return moves;
}

Result<> measure(Context& context, world::Disks& disks, DiskMove& move)
{
    VMF_TRY_ASSIGN(const world::DiskSize size, disks.size(context.plan.vm_uuid, move.target));
    move.capacity_bytes = size.capacity_bytes;
    move.allocation_bytes = size.allocation_bytes;
    const world::FileAccess access = disks.access(move.from).value_or(world::FileAccess());
    move.owner = access.owner;
    move.mode = access.mode;
    move.working_pool = fmt::format("vmferry-{}-{}", context.plan.transaction.str(), move.target);
    return {};
}

Result<> head(Context& context, const Uuid& vm, const StorageRequest& request)
{
    model::Plan& plan = context.plan;
    const model::HostAddress& host = context.hosts.address(Side::source);
    plan.limits = request.limits;
    plan.transaction = Uuid::make_v7();
    VMF_TRY_ASSIGN(plan.epoch, engine::next_epoch(context, vm, context.before.state));
    plan.command = "storage-move";
    plan.vm_uuid = vm;
    plan.vm_name = context.domain.name;
    plan.source = plan.target = host.label;
    plan.source_uri = plan.target_uri = redact_uri(host.uri);
    plan.persistent = context.domain.now.persistent;
    plan.was_off = context.domain.now.state == model::RunState::shut_off;
    plan.autostart = context.domain.autostart;
    plan.max_downtime_ms = context.before.max_downtime_ms;
    plan.max_bandwidth_mib_s = context.before.max_bandwidth_mib_s;
    plan.storage.keep_source = request.keep_source || request.return_ticket;
    plan.storage.return_ticket = request.return_ticket;
    plan.storage.synchronous = request.synchronous;
    plan.storage.bandwidth_bytes_per_s = request.bandwidth_bytes_per_s;
    return {};
}

}  // namespace

Result<> plan_storage_move(Context& context, const Uuid& vm, const StorageRequest& request)
{
    world::Host& host = context.hosts.at(Side::source);
    VMF_TRY_ASSIGN(context.domain, host.inspect().describe(vm));
    VMF_TRY_ASSIGN(context.before, host.inspect().before_image(vm));
    VMF_TRY(head(context, vm, request));
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context));
    VMF_TRY_ASSIGN(std::vector<DiskMove> moves, destinations(context, *disks, request));
    if (moves.empty()) {
        return {};
    }
    for (const DiskMove& move : moves) {
        VMF_TRY(check_chain(disk_of(context, move), move, request));
    }
    if (context.plan.was_off) {
        VMF_TRY(check_offline(context, moves, request));
    }
    VMF_TRY_ASSIGN(auto states, disks->states(vm));
    VMF_TRY(checks::disks_may_move(without_tickets(context.domain, states, moves)));
    for (DiskMove& move : moves) {
        const Disk& disk = disk_of(context, move);
        VMF_TRY(checks::image_is_steady(disk, engine::state_of(states, move.target)));
        VMF_TRY(settle_name(context, *disks, moves, move));
        VMF_TRY(measure(context, *disks, move));
    }
    VMF_TRY(refuse_full(context, *disks, moves));
    context.plan.storage.disks = std::move(moves);
    return {};
}

StorageRequest way_back(const model::Plan& plan, bool kept)
{
    StorageRequest request;
    request.limits = plan.limits;
    request.synchronous = plan.storage.synchronous;
    request.bandwidth_bytes_per_s = plan.storage.bandwidth_bytes_per_s;
    for (const model::DiskMove& disk : plan.storage.disks) {
        request.exactly.push_back(
            {disk.target, disk.from, disk.from_format, {}, disk.backing, disk.backing_format, kept});
    }
    return request;
}

}  // namespace vmferry::phases
