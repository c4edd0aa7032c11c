#include "core/engine/image_change.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/log.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

constexpr int k_pivot_tries = 3;
constexpr Milliseconds k_pivot_pause{50};

}  // namespace

std::vector<ImageChange> changes_forward(const model::StorageMove& move)
{
    std::vector<ImageChange> changes;
    for (const model::DiskMove& disk : move.disks) {
        changes.push_back({disk.target, disk.from, disk.to, disk.to_format});
    }
    return changes;
}

std::vector<ImageChange> changes_back(const model::StorageMove& move, const std::vector<world::DiskState>& states)
{
    std::vector<ImageChange> changes;
    for (const model::DiskMove& disk : move.disks) {
        const world::DiskState* state = state_of(states, disk.target);
        if (state != nullptr && state->live == disk.to) {
            changes.push_back({disk.target, disk.to, disk.from, disk.from_format});
        }
    }
    return changes;
}

Result<world::Disks*> disks_of(Context& context, Side side)
{
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(side, context.plan.limits.call));
    if (host->disks() == nullptr) {
        return fail(ErrorKind::failed, fmt::format("the disks of {} cannot be worked on", context.label(side)));
    }
    return host->disks();
}

Result<std::vector<world::DiskState>> disk_states(Context& context)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    return disks->states(context.plan.vm_uuid);
}

Result<> start_copies(Context& context, std::string_view prefix, const std::vector<ImageChange>& changes,
                      bool synchronous)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    VMF_TRY_ASSIGN(const auto states, disks->states(context.plan.vm_uuid));
    for (const ImageChange& change : changes) {
        const world::DiskState* state = state_of(states, change.target);
        if (state != nullptr && state->copy == change.to) {
            continue;
        }
        const std::string object = fmt::format("{}:{}", prefix, change.target);
        const world::CopyOrder order{.target = change.target,
                                     .path = change.to,
                                     .format = change.to_format,
                                     .bandwidth_bytes_per_s = context.plan.storage.bandwidth_bytes_per_s,
                                     .synchronous = synchronous};
        VMF_TRY(context.record(journal::Kind::ledger, object, {{"target", change.target}, {"path", change.to}}));
        VMF_TRY(context.effect(object, [&] { return disks->start_copy(context.plan.vm_uuid, order); }));
        context.defer(journal::Kind::done, object);
    }
    return {};
}

namespace {

/// The answer is not trusted, good or bad: what the disk uses decides.
Result<> pivot_one(Context& context, world::Disks& disks, const ImageChange& change)
{
    const Uuid& vm = context.plan.vm_uuid;
    Result<> done = {};
    for (int attempt = 0; attempt < k_pivot_tries; ++attempt) {
        done = context.effect("pivot:" + change.target, [&] {
            context.storage.pivot_tried = true;
            return disks.pivot(vm, change.target);
        });
        VMF_TRY_ASSIGN(const auto states, disks.states(vm));
        const world::DiskState* state = state_of(states, change.target);
        if (state != nullptr && state->live == change.to) {
            return {};
        }
        if (state == nullptr || state->copy != change.to) {
            break;  // Nothing is left that a second try could end.
        }
        context.world.clock.sleep(k_pivot_pause);
    }
    if (!done) {
        return done;
    }
    return fail(ErrorKind::failed, fmt::format("disk {} did not change to {}", change.target, change.to));
}

bool is_defined(const world::DiskState& state, const ImageChange& change)
{
    return state.inactive == change.to && state.inactive_format == change.to_format;
}

}  // namespace

Result<> pivot_all(Context& context, const std::vector<ImageChange>& changes)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    VMF_TRY_ASSIGN(const auto states, disks->states(context.plan.vm_uuid));
    for (const ImageChange& change : changes) {
        const world::DiskState* state = state_of(states, change.target);
        if (state == nullptr || state->live != change.to) {
            VMF_TRY(pivot_one(context, *disks, change));
        }
    }
    return {};
}

Result<> verify_images(Context& context, const std::vector<ImageChange>& changes)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    VMF_TRY_ASSIGN(const auto states, disks->states(context.plan.vm_uuid));
    bool rewritten = false;
    for (const ImageChange& change : changes) {
        const world::DiskState* state = state_of(states, change.target);
        // `live` is empty while the VM is off.
        if (state == nullptr || !state->copy.empty() || (!state->live.empty() && state->live != change.to)) {
            return fail(ErrorKind::failed, fmt::format("disk {} does not use {} yet", change.target, change.to));
        }
        if (is_defined(*state, change)) {
            continue;
        }
        VMF_TRY(context.effect("define:" + change.target, [&] {
            return disks->set_inactive(context.plan.vm_uuid, change.target, change.to, change.to_format);
        }));
        context.warn(fmt::format("the definition of {} still named {} for disk {}: it was rewritten",
                                 context.plan.vm_name, change.from, change.target));
        rewritten = true;
    }
    if (!rewritten) {
        return {};
    }
    VMF_TRY_ASSIGN(const auto again, disks->states(context.plan.vm_uuid));
    for (const ImageChange& change : changes) {
        const world::DiskState* state = state_of(again, change.target);
        if (state == nullptr || !is_defined(*state, change)) {
            return fail(ErrorKind::failed,
                        fmt::format("the definition of disk {} could not be set to {}", change.target, change.to));
        }
    }
    return {};
}

Result<> remove_image(Context& context, const std::string& path, const std::string& working_pool, Side side)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context, side));
    VMF_TRY_ASSIGN(const auto users, disks->users_of(path));
    if (!users.empty()) {
        return fail(ErrorKind::failed, fmt::format("{} is kept: {} uses it", path, fmt::join(users, ", ")));
    }
    return disks->delete_image(path, working_pool);
}

}  // namespace vmferry::engine
