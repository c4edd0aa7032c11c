#include "core/model/plan.hpp"

#include "core/base/digest.hpp"
#include "core/model/fields.hpp"

namespace vmferry::model {

std::string_view to_string(SwitchMode mode)
{
    switch (mode) {
    case SwitchMode::guarded: return "guarded";
    case SwitchMode::fence: return "fence";
    case SwitchMode::wait: return "wait";
    case SwitchMode::native: return "native";
    }
    return "guarded";
}

std::optional<SwitchMode> parse_switch_mode(std::string_view text)
{
    for (const SwitchMode mode : {SwitchMode::guarded, SwitchMode::fence, SwitchMode::wait, SwitchMode::native}) {
        if (text == to_string(mode)) {
            return mode;
        }
    }
    return std::nullopt;
}

namespace {

Json to_json(const Limits& limits)
{
    Json json = Json::object();
    json["transaction_ms"] = limits.transaction.count();
    json["no_progress_ms"] = limits.no_progress.count();
    json["call_ms"] = limits.call.count();
    json["finish_ms"] = limits.finish.count();
    json["settle_ms"] = limits.settle.count();
    json["reconnect_ms"] = limits.reconnect.count();
    return json;
}

Limits limits_from(Fields fields, std::string& problem)
{
    Limits limits;
    limits.transaction = fields.duration("transaction_ms");
    limits.no_progress = fields.duration("no_progress_ms");
    limits.call = fields.duration("call_ms");
    limits.finish = fields.duration("finish_ms");
    limits.settle = fields.duration("settle_ms");
    // Plans of before there was post-copy do not speak of it.
    if (!fields.raw("reconnect_ms").is_null()) {
        limits.reconnect = fields.duration("reconnect_ms");
    }
    problem = fields.problem();
    return limits;
}

}  // namespace

Marker Plan::marker(Side role) const
{
    Marker marker;
    marker.transaction = transaction;
    marker.epoch = epoch;
    marker.role = role;
    return marker;
}

Json to_json(const Plan& plan)
{
    Json json = Json::object();
    json["transaction"] = plan.transaction.str();
    json["epoch"] = plan.epoch;
    json["command"] = plan.command;
    json["vm_uuid"] = plan.vm_uuid.str();
    json["vm_name"] = plan.vm_name;
    json["source"] = plan.source;
    json["target"] = plan.target;
    json["source_uri"] = plan.source_uri;
    json["target_uri"] = plan.target_uri;
    json["migrate_uri"] = plan.migrate_uri;
    json["tls"] = plan.tls;
    json["tls_name"] = plan.tls_name;
    json["probes"] = plan.probes;
    json["switch_mode"] = to_string(plan.switch_mode);
    json["peer_to_peer"] = plan.peer_to_peer;
    json["persistent"] = plan.persistent;
    json["was_paused"] = plan.was_paused;
    if (plan.was_off) {
        json["was_off"] = true;
    }
    json["autostart"] = plan.autostart;
    json["nvram"] = plan.nvram;
    json["max_downtime_ms"] = plan.max_downtime_ms;
    json["max_bandwidth_mib_s"] = plan.max_bandwidth_mib_s;
    json["limits"] = to_json(plan.limits);
    json["schedule"] = to_json(plan.schedule);
    if (plan.moves_storage()) {
        json["storage"] = to_json(plan.storage);
    }
    if (plan.copies.wanted) {
        json["copies"] = to_json(plan.copies);
    }
    return json;
}

Result<Plan> plan_from_json(const Json& json)
{
    Fields fields(json, "plan");
    Plan plan;
    plan.transaction = fields.uuid("transaction");
    plan.epoch = fields.integer("epoch");
    plan.command = fields.text("command");
    plan.vm_uuid = fields.uuid("vm_uuid");
    plan.vm_name = fields.text("vm_name");
    plan.source = fields.text("source");
    plan.target = fields.text("target");
    plan.source_uri = fields.text("source_uri");
    plan.target_uri = fields.text("target_uri");
    plan.migrate_uri = fields.text("migrate_uri");
    plan.tls = fields.flag("tls");
    plan.tls_name = fields.text("tls_name");
    plan.probes = fields.texts("probes");
    const std::string word = fields.text("switch_mode");
    const auto mode = parse_switch_mode(word);
    if (!mode) {
        fields.reject("switch_mode", "is not known: " + word);
    }
    plan.switch_mode = mode.value_or(SwitchMode::guarded);
    plan.peer_to_peer = fields.flag("peer_to_peer");
    plan.persistent = fields.flag("persistent");
    plan.was_paused = fields.flag("was_paused");
    // Only plans of VMs that are off speak of it.
    plan.was_off = !fields.raw("was_off").is_null() && fields.flag("was_off");
    plan.autostart = fields.flag("autostart");
    plan.nvram = fields.text("nvram");
    plan.max_downtime_ms = fields.natural("max_downtime_ms");
    plan.max_bandwidth_mib_s = fields.natural("max_bandwidth_mib_s");
    std::string problem;
    plan.limits = limits_from(Fields(fields.raw("limits"), "plan limits"), problem);
    if (!fields.problem().empty()) {
        problem = fields.problem();
    }
    if (!problem.empty()) {
        return fail(ErrorKind::bad_plan, problem);
    }
    VMF_TRY_ASSIGN(plan.schedule, schedule_from_json(fields.raw("schedule")));
    if (const Json& storage = fields.raw("storage"); !storage.is_null()) {
        VMF_TRY_ASSIGN(plan.storage, storage_move_from_json(storage));
    }
    if (const Json& copies = fields.raw("copies"); !copies.is_null()) {
        VMF_TRY_ASSIGN(plan.copies, disk_copies_from_json(copies));
    }
    return plan;
}

std::string digest(const Plan& plan) { return canonical_digest(to_json(plan)); }

}  // namespace vmferry::model
