#include "core/engine/promise.hpp"

#include <fmt/format.h>

namespace vmferry::engine {

using model::SwitchMode;

namespace {

std::string given_up_by_postcopy(const model::Plan& plan)
{
    return fmt::format(
        "--{}: once it is switched to post-copy the memory of {} is on both hosts: there is no way back, "
        "and if {} or {} is lost before all has arrived, so is the memory",
        plan.schedule.postcopy == model::PostCopy::allow ? "postcopy" : "on-timeout postcopy", plan.vm_name,
        plan.source, plan.target);
}

}  // namespace

std::string promise_given_up(const model::Plan& plan)
{
    const std::string way =
        fmt::format("{}--switch {}", plan.peer_to_peer ? "--p2p " : "", model::to_string(plan.switch_mode));
    const std::string_view alone = plan.peer_to_peer ? "; the daemons go on without vmferry until it is settled" : "";
    constexpr std::string_view k_no_way_back = "so a target that then cannot start has no way back";
    switch (plan.switch_mode) {
    case SwitchMode::guarded: return plan.may_postcopy() ? given_up_by_postcopy(plan) : std::string();
    case SwitchMode::fence:
        return fmt::format("{}: the copy on {} is ended where it stands, by its emulator's own command, before the one "
                           "on {} starts, {}{}",
                           way, plan.source, plan.target, k_no_way_back, alone);
    case SwitchMode::wait:
        return fmt::format("{}: libvirt ends the copy on {} before the one on {} starts, {}{}", way, plan.source,
                           plan.target, k_no_way_back, alone);
    case SwitchMode::native:
        return fmt::format(
            "{}: libvirt itself starts the copy on {}; when its last reply is lost it lets the one on {} "
            "run on as well, and two copies may run{}",
            way, plan.target, plan.source, alone);
    }
    return {};
}

}  // namespace vmferry::engine
