#include "core/engine/image_change.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "core/base/log.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

constexpr int k_pivot_tries = 3;
constexpr Milliseconds k_pivot_pause{50};
/// The guest stands meanwhile.
constexpr Milliseconds k_change_look{2};
/// QEMU writes what is left and flushes the new image.
constexpr Milliseconds k_change_limit{30000};

}  // namespace

std::vector<ImageChange> changes_forward(const model::StorageMove& move)
{
    std::vector<ImageChange> changes;
    for (const model::DiskMove& disk : move.disks) {
        changes.push_back({disk.target, disk.from, disk.to, disk.to_format, !disk.backing.empty()});
    }
    return changes;
}

std::vector<ImageChange> changes_back(const model::StorageMove& move, const std::vector<world::DiskState>& states)
{
    std::vector<ImageChange> changes;
    for (const model::DiskMove& disk : move.disks) {
        const world::DiskState* state = state_of(states, disk.target);
        if (state != nullptr && state->live == disk.to) {
            changes.push_back({disk.target, disk.to, disk.from, disk.from_format, !disk.backing.empty()});
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
                                     .synchronous = synchronous,
                                     .shallow = change.shallow};
        VMF_TRY(context.record(journal::Kind::ledger, object, {{"target", change.target}, {"path", change.to}}));
        VMF_TRY(context.effect(object, [&] { return disks->start_copy(context.plan.vm_uuid, order); }));
        context.defer(journal::Kind::done, object);
    }
    return {};
}

namespace {

/// Ok when QEMU has taken it in; the disk has not changed by that.
Result<> ask_for_change(Context& context, world::Disks& disks, const ImageChange& change)
{
    return context.effect("pivot:" + change.target, [&] {
        Result<> asked = disks.pivot(context.plan.vm_uuid, change.target);
        // A refusal has changed nothing.
        const bool may_change = asked || asked.error().kind() == ErrorKind::unknown;
        context.storage.pivot_tried = context.storage.pivot_tried || may_change;
        return asked;
    });
}

/// Until the copy has ended, one way or the other, and the daemon has written down what came of it.
Result<> await_change(Context& context, world::Disks& disks, const ImageChange& change)
{
    const Milliseconds end = context.world.clock.now() + k_change_limit;
    while (context.world.clock.now() < end) {
        const auto job = disks.copy_progress(context.plan.vm_uuid, change.target);
        if (!job) {
            return job.error().kind() == ErrorKind::not_found ? Result<>{} : fail(job.error());
        }
        context.world.clock.sleep(k_change_look);
    }
    return {};
}

/// Side by side. What was refused, or of which the answer is lost, comes back.
Result<std::vector<ImageChange>> change_at_once(Context& context, world::Disks& disks,
                                                const std::vector<ImageChange>& changes, Error& refusal)
{
    std::vector<ImageChange> refused;
    for (const ImageChange& change : changes) {
        if (auto asked = ask_for_change(context, disks, change); !asked) {
            refusal = std::move(asked).error();
            refused.push_back(change);
        }
    }
    for (const ImageChange& change : changes) {
        const bool is_refused = std::any_of(refused.begin(), refused.end(),
                                            [&](const ImageChange& one) { return one.target == change.target; });
        if (!is_refused) {
            VMF_TRY(await_change(context, disks, change));
        }
    }
    return refused;
}

bool is_defined(const world::DiskState& state, const ImageChange& change)
{
    return state.inactive == change.to && state.inactive_format == change.to_format;
}

}  // namespace

Result<std::vector<ImageChange>> still_open(Context& context, const std::vector<ImageChange>& changes)
{
    VMF_TRY_ASSIGN(const auto states, disk_states(context));
    std::vector<ImageChange> open;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(open), [&](const ImageChange& change) {
        const world::DiskState* state = state_of(states, change.target);
        return state == nullptr || state->live != change.to;
    });
    return open;
}

Result<> pivot_all(Context& context, const std::vector<ImageChange>& changes)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    Error refusal(ErrorKind::failed, "a disk did not change its image");
    std::vector<ImageChange> left = changes;
    for (int attempt = 0; attempt < k_pivot_tries; ++attempt) {
        VMF_TRY_ASSIGN(const auto refused, change_at_once(context, *disks, left, refusal));
        if (refused.empty()) {
            return {};
        }
        // The answer is not trusted: what the disk uses decides.
        context.world.clock.sleep(k_pivot_pause);
        VMF_TRY_ASSIGN(left, still_open(context, refused));
        if (left.empty()) {
            return {};
        }
    }
    return fail(std::move(refusal));
}

Result<> verify_images(Context& context, const std::vector<ImageChange>& changes)
{
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context));
    VMF_TRY_ASSIGN(const auto states, disks->states(context.plan.vm_uuid));
    bool rewritten = false;
    for (const ImageChange& change : changes) {
        const world::DiskState* state = state_of(states, change.target);
        // `live` is empty while the VM is off. A copy to the image that it came from is its return ticket.
        const bool is_copied = state != nullptr && !state->copy.empty() && state->copy != change.from;
        if (state == nullptr || is_copied || (!state->live.empty() && state->live != change.to)) {
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

void tidy_definition(Context& context, const std::vector<ImageChange>& changes)
{
    const auto disks = disks_of(context);
    if (!disks || context.before.inactive_xml.find("<backingStore") != std::string::npos) {
        return;
    }
    for (const ImageChange& change : changes) {
        const auto done = (*disks)->set_inactive(context.plan.vm_uuid, change.target, change.to, change.to_format);
        if (!done) {
            log::info("the definition of disk {} stays as libvirt wrote it: {}", change.target, done.error().text());
        }
    }
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
