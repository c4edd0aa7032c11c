#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

using model::RunState;
using model::StateReason;

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-P001", "the VM is in a state that can be moved and restored",
     "A VM that runs, or that its user paused, is moved live and can be put back exactly as it was; of one that is "
     "shut off the definition moves, and nothing is started. A VM that is crashed, suspended by its own power "
     "management, shutting down, stopped by a disk error or left standing by another migration is in nobody's "
     "stable state: moving it would hide the trouble or make it worse. Bring it to 'running' first (virsh domstate VM "
     "--reason tells why it is "
     "not). A VM that another migration left behind is settled by vmferry status --doctor VM --hosts "
     "SOURCE,TARGET."},
}};
constexpr const Topic& k_state = k_topics[0];

struct Trouble {
    std::string message;
    std::string remedy;
};

Trouble trouble_of_pause(StateReason reason, const std::string& vm, const std::string& hosts)
{
    switch (reason) {
    case StateReason::io_error:
        return {"paused because a disk failed",
                fmt::format("virsh domblkerror {}; cure the storage, then: virsh resume {}", vm, vm)};
    case StateReason::migration:
        return {"paused by a migration that is not finished",
                fmt::format("vmferry status --doctor {} --hosts {}", vm, hosts)};
    case StateReason::postcopy:
    case StateReason::postcopy_failed:
        return {"in a post-copy migration", fmt::format("vmferry status --doctor {} --hosts {}", vm, hosts)};
    default:
        return {"paused, but not by its user",
                fmt::format("virsh domstate {} --reason; then: virsh resume {}", vm, vm)};
    }
}

Trouble trouble_of(const CheckContext& context)
{
    const model::Observation& now = context.domain.now;
    const std::string& vm = context.domain.name;
    const std::string hosts = fmt::format("{},{}", context.source_facts.label, context.target_facts.label);
    switch (now.state) {
    case RunState::running:
        return {"in a post-copy migration", fmt::format("vmferry status --doctor {} --hosts {}", vm, hosts)};
    case RunState::paused: return trouble_of_pause(now.reason, vm, hosts);
    case RunState::shut_off: return {"shut off and has no definition", fmt::format("virsh dominfo {}", vm)};
    case RunState::crashed: return {"crashed", fmt::format("virsh destroy {}; then: virsh start {}", vm, vm)};
    case RunState::pm_suspended:
        return {"suspended by its own power management", fmt::format("virsh dompmwakeup {}", vm)};
    case RunState::shutting_down: return {"shutting down", "wait until it is off"};
    case RunState::unknown: break;
    }
    return {"in a state that the host does not tell", fmt::format("virsh domstate {} --reason", vm)};
}

std::vector<model::Finding> run(CheckContext& context)
{
    const model::Observation& now = context.domain.now;
    const std::string subject = "VM " + context.domain.name;
    if (!now.reachable || !now.exists) {
        return {error(k_state, subject, fmt::format("{} does not know it any more", context.source_facts.label),
                      fmt::format("virsh domstate {} --reason", context.domain.name))};
    }
    const bool in_postcopy = now.reason == StateReason::postcopy || now.reason == StateReason::postcopy_failed;
    if (now.state == RunState::running && !in_postcopy) {
        return {ok(k_state, subject, "running")};
    }
    if (now.state == RunState::shut_off && now.persistent) {
        return {ok(k_state, subject, "shut off: its definition moves, nothing is started")};
    }
    if (now.state == RunState::paused && now.reason == StateReason::user) {
        return {ok(k_state, subject, "paused by its user; it arrives paused")};
    }
    const Trouble trouble = trouble_of(context);
    return {error(k_state, subject, "the VM is " + trouble.message, trouble.remedy,
                  {{"state", std::string(to_string(now.state))}, {"reason", std::string(to_string(now.reason))}})};
}

}  // namespace

VMF_REGISTER_CHECK(vm_state, k_topics, run);

}  // namespace vmferry::checks
