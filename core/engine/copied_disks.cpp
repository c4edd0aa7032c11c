#include "core/engine/copied_disks.hpp"

#include <fmt/format.h>

#include "core/base/json_at.hpp"
#include "core/base/log.hpp"
#include "core/engine/copied_images.hpp"
#include "core/engine/image_change.hpp"
#include "core/engine/recovery.hpp"
#include "core/engine/storage_recovery.hpp"

namespace vmferry::engine {

using journal::Kind;
using model::DiskMove;
using model::Side;

namespace {

constexpr const char* k_note = "copies";
constexpr const char* k_target = "target";

}  // namespace

void decide_copies(Context& context, const std::vector<std::string>& targets)
{
    context.plan.copies.reduce_to(targets);
    context.defer(Kind::note, k_note, {{"disks", targets}});
}

void apply_decided_copies(model::Plan& plan, std::span<const journal::Entry> entries)
{
    for (const journal::Entry& entry : entries) {
        if (entry.kind == Kind::note && entry.object == k_note) {
            plan.copies.reduce_to(texts_at(entry.body, "disks"));
        }
    }
}

Result<> verify_copies(Context& context)
{
    const model::Plan& plan = context.plan;
    if (!plan.copies.any()) {
        return {};
    }
    VMF_TRY_ASSIGN(world::Disks * disks, disks_of(context, Side::target));
    VMF_TRY_ASSIGN(const auto states, disks->states(plan.vm_uuid));
    for (const DiskMove& disk : plan.copies.disks) {
        const world::DiskState* state = state_of(states, disk.target);
        const bool lives = state != nullptr && (state->live.empty() || state->live == disk.to);
        // `live` is empty while the VM is off, `inactive` of a transient one: not both.
        const bool defined = state != nullptr && state->inactive == (plan.persistent ? disk.to : "");
        if (!lives || !defined || (state->live.empty() && state->inactive.empty())) {
            return fail(ErrorKind::failed, fmt::format("{} is not seen to use {} as disk {} of {}", plan.target,
                                                       disk.to, disk.target, plan.vm_name));
        }
    }
    return {};
}

Result<> remove_copied_images(Context& context)
{
    VMF_TRY(verify_copies(context));
    if (context.plan.was_off) {
        VMF_TRY(refuse_stale_copies(context));
    }
    for (const DiskMove& disk : context.plan.copies.disks) {
        VMF_TRY(remove_image(context, disk.from, {}, Side::source));
    }
    return {};
}

Result<> undo_copied_image(Context& context, const Json& intent)
{
    const std::string path = intent.value("path", "");
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    // A bolted definition has not run.
    if (!context.plan.was_off && target_may_have_written(entries)) {
        VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::target, context.plan.limits.call));
        VMF_TRY_ASSIGN(const bool exists, host->datastore().file_exists(path));
        if (exists) {
            return fail(ErrorKind::failed, fmt::format("{} on {} is kept: {} may have written there after the switch",
                                                       path, context.plan.target, context.plan.vm_name));
        }
    }
    return remove_image(context, path, intent.value("working_pool", ""), Side::target);
}

void break_copies(Context& context)
{
    std::vector<std::string> targets;
    for (const DiskMove& disk : context.plan.copies.disks) {
        targets.push_back(disk.target);
    }
    const auto disks = targets.empty() ? fail(ErrorKind::failed, "") : disks_of(context, Side::source);
    if (!disks) {
        return;
    }
    const auto broken =
        context.effect("break-copies:source", [&] { return (*disks)->break_copies(context.plan.vm_uuid, targets); });
    if (!broken) {
        log::info("the copies of {} were not broken: {}", context.plan.vm_name, broken.error().text());
    }
}

Json abort_body(std::string_view target) { return {{k_target, target}}; }

bool target_may_have_written(std::span<const journal::Entry> entries)
{
    bool may_have = false;
    for (const journal::Entry& entry : entries) {
        if (entry.kind == Kind::commit || entry.kind == Kind::resumed) {
            may_have = true;
        } else if (entry.kind == Kind::abort_intent) {
            const std::string was = text_at(entry.body, k_target);
            may_have = may_have && was != to_string(TargetIs::complete) && was != to_string(TargetIs::incoming);
        }
    }
    return may_have;
}

}  // namespace vmferry::engine
