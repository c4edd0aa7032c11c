#include "core/phases/storage_refusals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/path.hpp"
#include "core/base/units.hpp"
#include "core/engine/copied_images.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Disk;
using model::DiskMove;
using model::Side;

namespace {

Error blocked(const char* id, std::string what) { return Error(ErrorKind::blocked, std::move(what)).with_id(id); }

Result<> refuse_other_users(Context& context, world::Disks& disks, const std::string& target, const std::string& path)
{
    VMF_TRY_ASSIGN(const auto users, disks.users_of(path));
    for (const std::string& user : users) {
        if (user != context.domain.name) {
            return fail(blocked("VMF-E202", fmt::format("disk {}: {} is used by {}, too", target, path, user))
                            .with_next(fmt::format("virsh domblklist {}", user)));
        }
    }
    return {};
}

/// A chain that becomes one image may take as much as the disk is large. A kept image has what it takes.
uint64_t bytes_needed(const Context& context, const DiskMove& move)
{
    const bool flattened = !disk_of(context, move).backing.empty() && move.backing.empty();
    return move.reuse ? 0 : flattened ? move.capacity_bytes : move.allocation_bytes;
}

}  // namespace

const Disk& disk_of(const Context& context, const DiskMove& move)
{
    const auto& all = context.domain.disks;
    return *std::find_if(all.begin(), all.end(), [&](const Disk& one) { return one.target == move.target; });
}

Result<> settle_name(Context& context, world::Disks& disks, const std::vector<DiskMove>& moves, DiskMove& move)
{
    const auto same = std::count_if(moves.begin(), moves.end(), [&](const DiskMove& one) { return one.to == move.to; });
    if (same > 1) {
        return fail(blocked("VMF-E204", fmt::format("two disks would become {}", move.to))
                        .with_next("move them one after the other, into different directories"));
    }
    VMF_TRY_ASSIGN(const bool exists, context.hosts.at(Side::source).datastore().file_exists(move.to));
    if (exists && move.reuse) {
        VMF_TRY(refuse_other_users(context, disks, move.target, move.to));
    } else if (exists) {
        return fail(blocked("VMF-E204", fmt::format("{} exists and is not overwritten", move.to))
                        .with_next("remove it when nobody needs it, or choose another datastore"));
    }
    move.reuse = exists;
    return refuse_other_users(context, disks, move.target, move.from);
}

Result<> check_chain(const Disk& disk, const DiskMove& move, const StorageRequest& request)
{
    if (disk.backing.empty()) {
        return {};
    }
    if (move.backing.empty() && (request.keep_source || request.return_ticket)) {
        return fail(blocked("VMF-E202", fmt::format("disk {} has a backing chain, which becomes one image on the way: "
                                                    "the old one cannot be kept for the way back",
                                                    move.target))
                        .with_next("copy only what lies above the backing image: --shallow"));
    }
    const bool is_named = move.backing.starts_with('/') && !move.backing_format.empty();
    if (!move.backing.empty() && (move.to_format != "qcow2" || move.from_format != "qcow2" || !is_named)) {
        return fail(blocked("VMF-E202", fmt::format("disk {} cannot be moved without its backing image {}: that takes "
                                                    "qcow2 over a file of known format",
                                                    move.target, move.backing))
                        .with_next("move the whole of it: without --shallow"));
    }
    return {};
}

Result<> check_offline(Context& context, const std::vector<DiskMove>& moves, const StorageRequest& request)
{
    const auto no = [&](const std::string& what) {
        return fail(blocked("VMF-E223", fmt::format("{} is shut off, and its images are copied as files: {}",
                                                    context.domain.name, what))
                        .with_next("start it first, or leave that out"));
    };
    if (request.shallow || request.return_ticket) {
        return no("there is no --shallow and no --return-ticket without a running VM");
    }
    if (request.synchronous) {
        context.warn(
            fmt::format("{} is shut off: nobody writes, and --sync-writes has nothing to do", context.domain.name));
    }
    VMF_TRY_ASSIGN(world::Images * images, engine::images_of(context, Side::source));
    for (const DiskMove& move : moves) {
        if (move.to_format != move.from_format) {
            return no(fmt::format("disk {} stays {}", move.target, move.from_format));
        }
        VMF_TRY_ASSIGN(const world::ImageFile file, images->look(move.from));
        if (!file.backing.empty()) {
            return no(
                fmt::format("disk {} stands on {}, and its file alone is not the disk", move.target, file.backing));
        }
    }
    return {};
}

Result<> refuse_full(Context& context, world::Disks& disks, const std::vector<DiskMove>& moves)
{
    std::map<std::string, uint64_t> needed;
    std::map<std::string, uint64_t> at_most;
    for (const DiskMove& move : moves) {
        needed[directory_of(move.to)] += bytes_needed(context, move);
        at_most[directory_of(move.to)] += move.reuse ? 0 : move.capacity_bytes;
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

model::DomainFacts without_tickets(model::DomainFacts domain, std::vector<world::DiskState>& states,
                                   const std::vector<DiskMove>& moves)
{
    for (world::DiskState& state : states) {
        const bool is_ticket = std::any_of(moves.begin(), moves.end(), [&](const DiskMove& move) {
            return move.reuse && move.target == state.target && move.to == state.copy && !state.copy_ending;
        });
        if (is_ticket) {
            state.copy.clear();
            std::erase(domain.block_jobs, state.target);
        }
    }
    return domain;
}

}  // namespace vmferry::phases
