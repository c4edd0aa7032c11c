#include "core/engine/losing.hpp"

#include <fmt/format.h>

#include "core/base/json_at.hpp"
#include "core/engine/undo.hpp"

namespace vmferry::engine {

using model::Side;

namespace {

/// The guest may have written to the target's images alone since the switch.
void describe_two_sets(Context& context)
{
    const model::Plan& plan = context.plan;
    std::string sets;
    for (const model::DiskMove& disk : plan.copies.disks) {
        sets += fmt::format("{}{} on {}", sets.empty() ? "" : ", ", disk.to, plan.target);
    }
    context.outcome.intact = {
        fmt::format("{}, as the guest last wrote there, if that host's storage is", sets),
        fmt::format("the images on {}, as they were at the switch: nothing has removed them", plan.source)};
    context.outcome.commands = {fmt::format("virsh -c {} start {}    # with {} up again: its disks are the newest",
                                            plan.target_uri, plan.vm_name, plan.target),
                                fmt::format("virsh -c {} start {}    # gives up what the guest wrote since the switch",
                                            plan.source_uri, plan.vm_name)};
}

}  // namespace

void describe_loss(Context& context, const Situation& situation)
{
    const model::Plan& plan = context.plan;
    const bool decided = situation.stage == Stage::commit || situation.stage == Stage::resumed;
    if (plan.copies.any() && decided) {
        return describe_two_sets(context);
    }
    std::vector<std::string>& intact = context.outcome.intact;
    intact = {"its disks, as the guest last wrote them"};
    if (plan.persistent && situation.stage != Stage::resumed) {
        intact.push_back("its definition on " + plan.source);
    }
    const auto end = [&](const std::string& uri) {
        return fmt::format("virsh -c {} destroy {} && ", uri, plan.vm_name);
    };
    std::string command = fmt::format("virsh -c {} start {}", plan.source_uri, plan.vm_name);
    if (situation.source == SourceIs::postcopy) {
        intact.push_back(fmt::format("a part of its memory, paused on {}, of no use without the rest", plan.source));
        command = end(plan.source_uri) + command;
    }
    if (situation.target == TargetIs::postcopy || situation.target == TargetIs::broken) {
        intact.push_back(
            fmt::format("a part of its memory on {}, where it stands as soon as it needs the rest", plan.target));
        command = end(plan.target_uri) + command;
    }
    context.outcome.commands = {command};
}

void keep_loss(const Outcome& outcome, Json& end)
{
    end["reason"] = outcome.reason;
    end["intact"] = outcome.intact;
    end["next"] = outcome.commands;
}

void recall_loss(Outcome& outcome, const Json& end)
{
    outcome.reason = text_at(end, "reason");
    outcome.intact = texts_at(end, "intact");
    outcome.commands = texts_at(end, "next");
}

void leave_for_target(Context& context)
{
    owe(context, {"domain:source", Json::object()}, fmt::format("{} is gone", context.plan.target));
}

void undo_after_loss(Context& context, std::span<const Phase> phases, bool target_fenced)
{
    const model::Plan& plan = context.plan;
    const auto source = context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    const bool target_gone = undo_all(context, phases, true) || target_fenced;
    const bool source_gone = classify_source(source, context.before, plan, false) != SourceIs::postcopy;
    if (source_gone && target_gone) {
        undo_all(context, phases, false);
        return;
    }
    // A part that is left at the target may run until it needs the rest: nothing may start the VM at the source by
    // itself.
    const std::string& holder = source_gone ? plan.target : plan.source;
    const auto all = context.entries();
    for (const OpenObject& object : all ? open_objects(*all) : std::vector<OpenObject>()) {
        if (object.object.ends_with(":source") && has_undo(phases, object)) {
            owe(context, object, fmt::format("to be done when the part of the memory on {} is ended", holder));
        } else if (!object.object.starts_with("domain:")) {
            undo_object(context, phases, object);
        }
    }
}

}  // namespace vmferry::engine
