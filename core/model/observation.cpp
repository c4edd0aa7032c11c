#include "core/model/observation.hpp"

namespace vmferry::model {

std::string_view to_string(RunState state)
{
    switch (state) {
    case RunState::running: return "running";
    case RunState::paused: return "paused";
    case RunState::shut_off: return "shut off";
    case RunState::crashed: return "crashed";
    case RunState::pm_suspended: return "pm-suspended";
    case RunState::shutting_down: return "shutting down";
    case RunState::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view to_string(StateReason reason)
{
    switch (reason) {
    case StateReason::other: return "other";
    case StateReason::unknown: return "unknown";
    case StateReason::user: return "user";
    case StateReason::migration: return "migration";
    case StateReason::io_error: return "io-error";
    case StateReason::postcopy: return "postcopy";
    case StateReason::postcopy_failed: return "postcopy-failed";
    case StateReason::starting_up: return "starting-up";
    case StateReason::migrated: return "migrated";
    case StateReason::shutdown: return "shutdown";
    case StateReason::destroyed: return "destroyed";
    case StateReason::crashed: return "crashed";
    case StateReason::failed: return "failed";
    }
    return "other";
}

bool Observation::same_situation(const Observation& other) const
{
    if (reachable != other.reachable || !reachable) {
        return reachable == other.reachable;
    }
    return exists == other.exists && persistent == other.persistent && state == other.state && reason == other.reason &&
           id == other.id && job_active == other.job_active && live_marker == other.live_marker &&
           inactive_marker == other.inactive_marker;
}

Json to_json(const Observation& observation)
{
    Json json{{"reachable", observation.reachable}};
    if (!observation.reachable) {
        json["problem"] = observation.problem;
        return json;
    }
    json["exists"] = observation.exists;
    if (!observation.exists) {
        return json;
    }
    json["persistent"] = observation.persistent;
    json["state"] = to_string(observation.state);
    json["reason"] = to_string(observation.reason);
    json["id"] = observation.id;
    json["cpu_time_ns"] = observation.cpu_time_ns;
    json["job_active"] = observation.job_active;
    if (observation.stream_completed) {
        json["stream_completed"] = true;
    }
    if (observation.live_marker) {
        json["live_marker"] = to_json(*observation.live_marker);
    }
    if (observation.inactive_marker) {
        json["inactive_marker"] = to_json(*observation.inactive_marker);
    }
    return json;
}

std::string describe(const Observation& observation)
{
    if (!observation.reachable) {
        return observation.problem.empty() ? "no answer" : "no answer (" + observation.problem + ")";
    }
    if (!observation.exists) {
        return "absent";
    }
    std::string text(to_string(observation.state));
    if (observation.reason != StateReason::other) {
        text += " (" + std::string(to_string(observation.reason)) + ")";
    }
    if (!observation.persistent) {
        text += ", transient";
    }
    if (observation.job_active) {
        text += ", job active";
    }
    return text;
}

}  // namespace vmferry::model
