#include "core/phases/release.hpp"

#include <fmt/format.h>

#include "core/engine/copied_disks.hpp"
#include "core/engine/copied_images.hpp"
#include "core/phases/cold.hpp"
#include "core/phases/own_limits.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

using Intent = Result<std::optional<Json>>;

constexpr std::string_view k_definition = "definition:source";
constexpr std::string_view k_source_autostart = "autostart:source";

Intent always(Context& /*context*/) { return Json::object(); }

/// Begun, and not seen to be done.
Result<bool> is_definition_owed(Context& context)
{
    bool owed = false;
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    for (const journal::Entry& entry : entries) {
        if (entry.object == k_definition) {
            owed = entry.kind == journal::Kind::ledger || (owed && entry.kind != journal::Kind::done);
        }
    }
    return owed;
}

/// That of a VM which is off goes in `switch`; what is left for here is what failed there.
Intent definition_that_is_left(Context& context)
{
    bool wanted = context.plan.persistent;
    if (context.plan.was_off) {
        VMF_TRY_ASSIGN(wanted, is_definition_owed(context));
    }
    return wanted ? std::optional<Json>(Json::object()) : std::nullopt;
}

/// Only a definition that is off and carries our marker is ours to remove.
Result<> undefine_source(Context& context, const Json& /*intent*/)
{
    const model::Plan& plan = context.plan;
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, plan.limits.call));
    const model::Observation source = host->inspect().observe(plan.vm_uuid, plan.limits.call);
    if (!source.reachable) {
        return fail(ErrorKind::unreachable, fmt::format("{} does not answer", plan.source));
    }
    if (!source.exists) {
        return {};
    }
    if (source.active()) {
        return fail(ErrorKind::failed,
                    fmt::format("{} is {} on {}", plan.vm_name, model::describe(source), plan.source));
    }
    if (!source.inactive_marker || source.inactive_marker->transaction != plan.transaction) {
        return fail(ErrorKind::failed,
                    fmt::format("the definition of {} on {} is not the one of this move", plan.vm_name, plan.source));
    }
    // With the last definition the VM itself would be gone.
    const model::Observation target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
    if (!target.persistent) {
        return fail(target.reachable ? ErrorKind::failed : ErrorKind::unreachable,
                    fmt::format("{} was not seen to have the definition of {}", plan.target, plan.vm_name));
    }
    const world::UndefineOptions options{.keep_nvram = true, .keep_tpm = true, .snapshot_records = plan.was_off};
    return host->control().undefine(plan.vm_uuid, options);
}

Intent own_nvram(Context& context)
{
    const model::Plan& plan = context.plan;
    if (plan.nvram.empty() || (plan.was_off && plan.copies.keep_source)) {
        return std::nullopt;
    }
    // Only a file that was made anew at the target proves that the source's is not shared.
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    for (const journal::Entry& entry : entries) {
        if (entry.kind == journal::Kind::ledger && entry.object == "nvram:target") {
            return std::optional<Json>(Json::object({{"path", plan.nvram}}));
        }
    }
    return std::nullopt;
}

/// QEMU writes the target's file when the guest first runs there: until then the source's is the only
/// good one. A VM that its user had paused has not run yet.
Result<> remove_source_nvram(Context& context, const Json& intent)
{
    const model::Plan& plan = context.plan;
    if (plan.was_off) {
        VMF_TRY(engine::refuse_stale_copies(context));
    }
    if (plan.was_paused) {
        const model::Observation target = context.hosts.observe(Side::target, plan.vm_uuid, plan.limits.call);
        if (target.state != model::RunState::running) {
            return fail(ErrorKind::failed, fmt::format("{} has not run on {} yet, so its NVRAM is only in {} on {}",
                                                       plan.vm_name, plan.target, plan.nvram, plan.source));
        }
    }
    VMF_TRY_ASSIGN(world::Host * host, context.hosts.get(Side::source, context.plan.limits.call));
    return host->datastore().remove_file(intent.value("path", ""));
}

Intent images_that_may_go(Context& context)
{
    const model::DiskCopies& copies = context.plan.copies;
    if (!copies.any() || copies.keep_source) {
        return std::nullopt;
    }
    Json paths = Json::array();
    for (const model::DiskMove& disk : copies.disks) {
        paths.push_back(disk.from);
    }
    return std::optional<Json>(Json::object({{"paths", std::move(paths)}}));
}

Result<> remove_source_images(Context& context, const Json& /*intent*/)
{
    return engine::remove_copied_images(context);
}

Intent autostart_was_on(Context& context)
{
    return context.plan.autostart ? std::optional<Json>(Json::object()) : std::nullopt;
}

/// Taken back before it was known that the VM stays at the target: both hosts would start it.
Result<bool> is_autostart_back(Context& context)
{
    bool back = false;
    VMF_TRY_ASSIGN(const auto entries, context.entries());
    for (const journal::Entry& entry : entries) {
        if (entry.object == k_source_autostart) {
            back = entry.kind == journal::Kind::undoing || (back && entry.kind != journal::Kind::ledger);
        }
    }
    return back;
}

Result<> source_autostart_off(Context& context)
{
    VMF_TRY(context.record(journal::Kind::ledger, std::string(k_source_autostart)));
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::source));
    return control->set_autostart(context.plan.vm_uuid, false);
}

Result<> autostart_on(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(const bool back, is_autostart_back(context));
    VMF_TRY_ASSIGN(const bool defined, is_definition_owed(context));
    if (back && defined) {
        VMF_TRY(source_autostart_off(context));
    }
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    return control->set_autostart(context.plan.vm_uuid, true);
}

Result<> clear_target_marker(Context& context, const Json& /*intent*/)
{
    VMF_TRY_ASSIGN(world::Controller * control, context.control(Side::target));
    VMF_TRY(refuse_bolted(context));
    return control->clear_marker(context.plan.vm_uuid);
}

}  // namespace

engine::Step definition_at_source() { return {k_definition, always, undefine_source}; }

engine::Phase release_phase()
{
    return {
        .name = "release",
        .steps =
            {
                {k_definition, definition_that_is_left, undefine_source},
                {"nvram:source", own_nvram, remove_source_nvram},
                // A definition that still names them keeps them.
                {"images:source", images_that_may_go, remove_source_images},
                unbolt_step(),
                downtime_at_target(),
                bandwidth_at_target(),
                // Never before the source's definition is gone: two hosts must not both start it.
                {"autostart:target", autostart_was_on, autostart_on},
                {"marker:target", always, clear_target_marker},
            },
        .mark = journal::Kind::released,
        .after_switch = true,
    };
}

}  // namespace vmferry::phases
