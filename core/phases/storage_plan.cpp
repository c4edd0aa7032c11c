#include "core/phases/storage_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/secret.hpp"
#include "core/base/units.hpp"
#include "core/checks/movable_disks.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/storage_recovery.hpp"
#include "core/engine/transaction.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Disk;
using model::DiskMove;
using model::Side;

namespace {

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string directory_of(const std::string& path) { return path.substr(0, std::max<size_t>(path.rfind('/'), 1)); }

/// The same name, with an ending that does not belie the format.
std::string new_name(const Disk& disk, const std::string& format)
{
    const std::string name = file_name(disk.source);
    for (const std::string_view ending : {".qcow2", ".raw", ".img"}) {
        if (format != disk.format && name.ends_with(ending)) {
            return name.substr(0, name.rfind('.')) + "." + format;
        }
    }
    return name;
}

DiskMove towards(const world::Place& place, const Disk& disk, const std::string& wanted_format)
{
    DiskMove move;
    move.target = disk.target;
    move.from = disk.source;
    move.from_format = disk.format;
    move.to_format = wanted_format.empty() ? disk.format : wanted_format;
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
        moves.push_back(request.exactly.empty() ? towards(place, chosen[i], request.format)
                                                : exactly(request.exactly[i], chosen[i]));
    }
    // What is there already stays.
    std::erase_if(moves,
                  [](const DiskMove& move) { return move.from == move.to && move.from_format == move.to_format; });
    return moves;
}

Error blocked(const char* id, std::string what) { return Error(ErrorKind::blocked, std::move(what)).with_id(id); }

Result<> refuse_taken_name(Context& context, world::Disks& disks, const std::vector<DiskMove>& moves,
                           const DiskMove& move)
{
    const auto same = std::count_if(moves.begin(), moves.end(), [&](const DiskMove& one) { return one.to == move.to; });
    if (same > 1) {
        return fail(blocked("VMF-E204", fmt::format("two disks would become {}", move.to))
                        .with_next("move them one after the other, into different directories"));
    }
    VMF_TRY_ASSIGN(const bool exists, context.hosts.at(Side::source).datastore().file_exists(move.to));
    if (exists) {
        return fail(blocked("VMF-E204", fmt::format("{} exists and is not overwritten", move.to))
                        .with_next("remove it when nobody needs it, or choose another datastore"));
    }
    VMF_TRY_ASSIGN(const auto users, disks.users_of(move.from));
    for (const std::string& user : users) {
        if (user != context.domain.name) {
            return fail(blocked("VMF-E202", fmt::format("disk {}: {} is used by {}, too", move.target, move.from, user))
                            .with_next(fmt::format("virsh domblklist {}", user)));
        }
    }
    return {};
}

std::string mode_of(const model::BeforeImage& before, const std::string& target)
{
    const auto file = std::find_if(before.disk_files.begin(), before.disk_files.end(),
                                   [&](const auto& one) { return one.target == target; });
    return file == before.disk_files.end() ? "" : file->mode;
}

Result<> measure(Context& context, world::Disks& disks, DiskMove& move)
{
    VMF_TRY_ASSIGN(const world::DiskSize size, disks.size(context.plan.vm_uuid, move.target));
    move.capacity_bytes = size.capacity_bytes;
    move.allocation_bytes = size.allocation_bytes;
    move.mode = mode_of(context.before, move.target);
    move.working_pool = fmt::format("vmferry-{}-{}", context.plan.transaction.str(), move.target);
    return {};
}

/// A chain becomes one image, so it may take as much as the disk is large.
uint64_t bytes_needed(const Context& context, const DiskMove& move)
{
    const auto& all = context.domain.disks;
    const auto disk = std::find_if(all.begin(), all.end(), [&](const Disk& one) { return one.target == move.target; });
    return disk != all.end() && !disk->backing.empty() ? move.capacity_bytes : move.allocation_bytes;
}

Result<> refuse_full(Context& context, world::Disks& disks, const std::vector<DiskMove>& moves)
{
    std::map<std::string, uint64_t> needed;
    std::map<std::string, uint64_t> at_most;
    for (const DiskMove& move : moves) {
        needed[directory_of(move.to)] += bytes_needed(context, move);
        at_most[directory_of(move.to)] += move.capacity_bytes;
    }
    for (const auto& [directory, bytes] : needed) {
        VMF_TRY_ASSIGN(const world::Place place, disks.place(directory));
        if (place.available_bytes < bytes) {
            return fail(blocked("VMF-E205", fmt::format("{} has {} left, and {} are needed", directory,
                                                        format_size(place.available_bytes), format_size(bytes)))
                            .with_next(fmt::format("make room in {}", directory)));
        }
        if (place.available_bytes < at_most[directory]) {
            context.warn(fmt::format("{} has {} left: less than the disks may grow to, {}", directory,
                                     format_size(place.available_bytes), format_size(at_most[directory])));
        }
    }
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
    plan.autostart = context.domain.autostart;
    plan.max_downtime_ms = context.before.max_downtime_ms;
    plan.max_bandwidth_mib_s = context.before.max_bandwidth_mib_s;
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
    VMF_TRY(checks::disks_may_move(context.domain));
    VMF_TRY_ASSIGN(const auto states, disks->states(vm));
    for (DiskMove& move : moves) {
        const auto& all = context.domain.disks;
        const auto disk =
            std::find_if(all.begin(), all.end(), [&](const Disk& one) { return one.target == move.target; });
        VMF_TRY(checks::image_is_steady(*disk, engine::state_of(states, move.target)));
        VMF_TRY(refuse_taken_name(context, *disks, moves, move));
        VMF_TRY(measure(context, *disks, move));
    }
    VMF_TRY(refuse_full(context, *disks, moves));
    context.plan.storage.disks = std::move(moves);
    return {};
}

StorageRequest way_back(const model::Plan& plan)
{
    StorageRequest request;
    request.limits = plan.limits;
    request.synchronous = plan.storage.synchronous;
    request.bandwidth_bytes_per_s = plan.storage.bandwidth_bytes_per_s;
    for (const model::DiskMove& disk : plan.storage.disks) {
        request.exactly.push_back({disk.target, disk.from, disk.from_format, {}});
    }
    return request;
}

}  // namespace vmferry::phases
