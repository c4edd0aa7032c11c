#include "core/phases/copy_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/checks/movable_disks.hpp"
#include "core/engine/image_change.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Disk;
using model::DiskMove;
using model::Side;

namespace {

/// One directory of the source, and where what lies below goes.
struct Mapping {
    std::string from;
    world::Place to;
};

std::string without_slash(std::string directory)
{
    while (directory.size() > 1 && directory.ends_with('/')) {
        directory.pop_back();
    }
    return directory;
}

Result<world::Place> place_on(Context& context, Side side, const std::string& name)
{
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context, side));
    auto place = disks->place(without_slash(name));
    if (!place) {
        return fail(
            std::move(place).error().in(fmt::format("looking for datastore {} on {}", name, context.label(side))));
    }
    place->directory = without_slash(place->directory);
    return place;
}

Result<std::vector<Mapping>> mappings(Context& context, const CopyRequest& request)
{
    std::vector<Mapping> all;
    for (const auto& [from, to] : request.map) {
        Mapping one;
        VMF_TRY_ASSIGN(const world::Place source, place_on(context, Side::source, from));
        VMF_TRY_ASSIGN(one.to, place_on(context, Side::target, to));
        one.from = source.directory;
        all.push_back(std::move(one));
    }
    return all;
}

bool lies_below(const std::string& path, const std::string& directory)
{
    const std::string prefix = directory == "/" ? directory : directory + "/";
    return path.starts_with(prefix);
}

/// The longest directory that fits.
const Mapping* mapping_of(const std::vector<Mapping>& all, const std::string& path)
{
    const Mapping* best = nullptr;
    for (const Mapping& one : all) {
        if (lies_below(path, one.from) && (best == nullptr || one.from.size() > best->from.size())) {
            best = &one;
        }
    }
    return best;
}

/// As it is here, and at the same path where nothing else was said.
DiskMove towards(const std::vector<Mapping>& all, const Disk& disk)
{
    DiskMove copy;
    copy.target = disk.target;
    copy.from = copy.to = disk.source;
    copy.from_format = copy.to_format = disk.format;
    if (const Mapping* mapping = mapping_of(all, disk.source)) {
        const size_t kept = mapping->from == "/" ? 0 : mapping->from.size();
        const std::string rest = disk.source.substr(kept);
        copy.to = (mapping->to.directory == "/" ? "" : mapping->to.directory) + rest;
        // A pool knows the files of its own directory only.
        copy.pool = rest.rfind('/') == 0 ? mapping->to.pool : "";
    }
    return copy;
}

Result<> measure(Context& context, DiskMove& copy)
{
    VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context));
    VMF_TRY_ASSIGN(const world::DiskSize size, disks->size(context.plan.vm_uuid, copy.target));
    copy.capacity_bytes = size.capacity_bytes;
    copy.allocation_bytes = size.allocation_bytes;
    // Of a disk that is shared it does not matter.
    const world::FileAccess access = disks->access(copy.from).value_or(world::FileAccess());
    copy.owner = access.owner;
    copy.mode = access.mode;
    copy.working_pool = fmt::format("vmferry-{}-{}", context.plan.transaction.str(), copy.target);
    return {};
}

bool can_be_copied(const Disk& disk)
{
    return disk.kind == model::DiskKind::file && checks::why_not_movable(disk).empty();
}

const Disk* disk_of(const model::DomainFacts& domain, const std::string& target)
{
    const auto disk =
        std::find_if(domain.disks.begin(), domain.disks.end(), [&](const Disk& one) { return one.target == target; });
    return disk == domain.disks.end() || !can_be_copied(*disk) ? nullptr : &*disk;
}

/// What has grown since is still the same disk.
Result<> take_planned(Context& context, const CopyRequest& request)
{
    for (const DiskMove& planned : request.planned->disks) {
        const Disk* disk = disk_of(context.domain, planned.target);
        VMF_TRY_ASSIGN(world::Disks * disks, engine::disks_of(context));
        VMF_TRY_ASSIGN(const world::DiskSize size, disks->size(context.plan.vm_uuid, planned.target));
        const bool same = disk != nullptr && disk->source == planned.from && disk->format == planned.from_format &&
                          size.capacity_bytes == planned.capacity_bytes;
        if (!same) {
            return fail(
                Error(ErrorKind::bad_plan, fmt::format("the plan does not hold any more: disk {} is not {} of {} bytes",
                                                       planned.target, planned.from, planned.capacity_bytes))
                    .with_next("make a new plan: vmferry plan VM DEST -O FILE"));
        }
    }
    context.plan.copies = *request.planned;
    context.copies_fixed = true;
    return {};
}

Result<std::vector<DiskMove>> exactly(const Context& context, const CopyRequest& request)
{
    std::vector<DiskMove> copies;
    for (const ImageWish& wish : request.exactly) {
        const Disk* disk = disk_of(context.domain, wish.target);
        if (disk == nullptr) {
            return fail(ErrorKind::blocked,
                        fmt::format("{} has no disk {} that can be copied back", context.domain.name, wish.target));
        }
        copies.push_back(towards({}, *disk));
        copies.back().to = wish.path;
        copies.back().to_format = wish.format;
        copies.back().pool = wish.pool;
    }
    return copies;
}

Result<std::vector<DiskMove>> all_that_can(Context& context, const CopyRequest& request)
{
    VMF_TRY_ASSIGN(const auto where, mappings(context, request));
    std::vector<DiskMove> copies;
    for (const Disk& disk : context.domain.disks) {
        if (can_be_copied(disk)) {
            copies.push_back(towards(where, disk));
        }
    }
    return copies;
}

/// Of a VM that is off the images go over the connections to the daemons.
Result<> refuse_clear_text(const Context& context)
{
    for (const Side side : {Side::source, Side::target}) {
        const bool is_clear = context.hosts.address(side).uri.find("+tcp:") != std::string::npos;
        if (context.plan.tls && context.plan.was_off && is_clear) {
            return fail(
                Error(ErrorKind::blocked,
                      fmt::format("the images would pass the connection to {} in clear text", context.label(side)))
                    .with_id("VMF-E228")
                    .with_next("reach it by qemu+tls or qemu+ssh, or leave out --tls"));
        }
    }
    return {};
}

}  // namespace

Result<> plan_copies(Context& context, const CopyRequest& request)
{
    VMF_TRY(refuse_clear_text(context));
    model::DiskCopies& copies = context.plan.copies;
    copies.wanted = true;
    copies.keep_source = request.keep_source;
    copies.synchronous = request.synchronous && !context.plan.was_off;  // Nobody writes.
    if (request.planned) {
        return take_planned(context, request);
    }
    VMF_TRY_ASSIGN(copies.disks, request.exactly.empty() ? all_that_can(context, request) : exactly(context, request));
    for (DiskMove& copy : copies.disks) {
        VMF_TRY(measure(context, copy));
    }
    return {};
}

std::optional<CopyRequest> copies_back(const model::Plan& plan)
{
    if (!plan.copies.any()) {
        return std::nullopt;
    }
    CopyRequest request;
    request.synchronous = plan.copies.synchronous;
    for (const DiskMove& disk : plan.copies.disks) {
        request.exactly.push_back({disk.target, disk.from, disk.from_format, {}, {}, {}});
    }
    return request;
}

CopyRequest copies_as_planned(const model::Plan& plan)
{
    CopyRequest request;
    request.planned = plan.copies;
    return request;
}

}  // namespace vmferry::phases
