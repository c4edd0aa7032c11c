// vmferry.result/1: what scripts and playbooks read. Fields are added, never renamed or removed.

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/report.hpp"
#include "cli/report_storage.hpp"

namespace vmferry::cli {

using engine::Outcome;

namespace {

OrderedJson text_or_null(const std::string& text) { return text.empty() ? OrderedJson() : OrderedJson(text); }

/// "shut off" is a word for people; enumerations are in kebab case.
std::string kebab(std::string text)
{
    for (char& one : text) {
        one = one == ' ' ? '-' : one;
    }
    return text;
}

OrderedJson location_json(const engine::Location& location)
{
    OrderedJson json;
    json["host"] = text_or_null(location.host);
    json["state"] = text_or_null(kebab(location.state));
    json["proven"] = location.proven;
    return json;
}

OrderedJson differences_json(const std::vector<model::Difference>& differences)
{
    OrderedJson json = OrderedJson::array();
    for (const model::Difference& one : differences) {
        OrderedJson entry;
        entry["field"] = one.field;
        entry["before"] = one.before;
        entry["now"] = one.now;
        json.push_back(std::move(entry));
    }
    return json;
}

OrderedJson undone_json(const std::vector<UndoneStep>& undone)
{
    OrderedJson json = OrderedJson::array();
    for (const UndoneStep& one : undone) {
        OrderedJson entry;
        entry["step"] = one.step;
        entry["action"] = one.action;
        entry["ok"] = one.ok;
        json.push_back(std::move(entry));
    }
    return json;
}

void add_figures(OrderedJson& json, const Outcome& outcome)
{
    json["downtime_ms"] = outcome.downtime ? OrderedJson(outcome.downtime->count()) : OrderedJson();
    json["duration_ms"] = outcome.duration.count();
    json["bytes_sent"]["ram"] = outcome.memory_bytes_sent;
    json["bytes_sent"]["disk"] = outcome.disk_bytes_copied;
    json["passes"] = outcome.passes;
}

/// What the convergence schedule did; null when the memory phase was not reached.
OrderedJson schedule_json(const std::optional<model::ScheduleTrace>& trace)
{
    if (!trace) {
        return {};
    }
    const model::Schedule& schedule = trace->schedule;
    OrderedJson json;
    json["profile"] = schedule.profile;
    json["max_downtime_ms"] = schedule.max_downtime.count();
    json["downtime_limit_ms"] = trace->downtime_limit.count();
    json["auto_converge"] = schedule.auto_converge;
    json["throttle_pct"] = trace->throttle_percent;
    json["connections"] = schedule.connections == 0 ? OrderedJson() : OrderedJson(schedule.connections);
    json["bwlimit_bytes_per_s"] =
        schedule.bandwidth_bytes_per_s == 0 ? OrderedJson() : OrderedJson(schedule.bandwidth_bytes_per_s);
    json["on_timeout"] = std::string(model::to_string(schedule.on_timeout));
    json["postcopy"] = std::string(model::to_string(schedule.postcopy));
    json["steps"] = OrderedJson::array();
    for (const model::ScheduleStep& step : trace->steps) {
        json["steps"].push_back(OrderedJson(model::to_json(step)));
    }
    return json;
}

/// "disk vda" is for people; "disk/vda" for programs.
std::string path_of(std::string subject)
{
    const size_t blank = subject.find(' ');
    if (blank != std::string::npos) {
        subject[blank] = '/';
    }
    return subject;
}

std::string outcome_word(const Report& report)
{
    return report.unchanged.empty() ? std::string(engine::to_string(report.outcome.kind)) : "unchanged";
}

}  // namespace

std::string dump_line(const OrderedJson& json)
{
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

OrderedJson error_json(const Error& error)
{
    OrderedJson json;
    json["id"] = error_id(error);
    json["kind"] = to_string(error.kind());
    json["message"] = error.what();
    json["context"] = error.frames();
    json["cause"] = text_or_null(error.cause());
    json["next"] = text_or_null(error.next());
    return json;
}

OrderedJson check_json(const model::Finding& finding)
{
    OrderedJson json;
    json["id"] = finding.id;
    json["severity"] = std::string(model::to_string(finding.severity));
    json["subject"] = path_of(finding.subject);
    json["message"] = finding.message;
    json["facts"] = finding.facts;
    json["fix"] = text_or_null(finding.remedy);
    json["accepted"] = finding.accepted;
    return json;
}

OrderedJson result_json(const Report& report)
{
    const Outcome& outcome = report.outcome;
    OrderedJson json;
    json["schema"] = k_result_schema;
    json["tx"] = text_or_null(report.transaction);
    json["command"] = report.command;
    json["outcome"] = outcome_word(report);
    json["exit_code"] = static_cast<int>(report.code);
    json["changed"] = report.unchanged.empty() && outcome.changed();
    json["rolled_back"] =
        outcome.kind == engine::OutcomeKind::rolled_back || outcome.kind == engine::OutcomeKind::rolled_back_debts;
    json["vm"]["name"] = text_or_null(report.vm_name);
    json["vm"]["uuid"] = text_or_null(report.vm_uuid);
    json["location"] = location_json(outcome.location);
    json["from"] = text_or_null(report.from);
    json["to"] = text_or_null(report.to);
    add_figures(json, outcome);
    if (!report.storage.disks.empty()) {
        json["disks"] = disks_json(report.storage.disks, report.storage.keep_source, report.storage.return_ticket);
    } else if (report.copies.any()) {
        json["disks"] = disks_json(report.copies.disks, report.copies.keep_source, false);
    }
    json["announce"] = outcome.announced;
    json["schedule"] = schedule_json(outcome.schedule);
    json["promise_given_up"] = text_or_null(outcome.promise_given_up);
    json["warnings"] = outcome.warnings;
    json["debts"] = outcome.debts;
    json["intact"] = outcome.intact;
    json["checks"] = OrderedJson::array();
    for (const model::Finding& finding : outcome.findings) {
        if (finding.severity >= model::Severity::warn) {
            json["checks"].push_back(check_json(finding));
        }
    }
    json["differences"] = differences_json(outcome.differences);
    if (report.command == "rollback") {
        json["undone"] = undone_json(report.undone);
    }
    json["reason"] = text_or_null(report.unchanged.empty() ? outcome.reason : report.unchanged);
    json["next"] = outcome.commands;
    json["error"] = outcome.error ? error_json(*outcome.error) : OrderedJson();
    return json;
}

}  // namespace vmferry::cli
