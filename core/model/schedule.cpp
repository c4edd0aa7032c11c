#include "core/model/schedule.hpp"

#include "core/model/fields.hpp"

namespace vmferry::model {

std::string_view to_string(OnTimeout action)
{
    switch (action) {
    case OnTimeout::rollback: return "rollback";
    case OnTimeout::suspend: return "suspend";
    case OnTimeout::postcopy: return "postcopy";
    }
    return "rollback";
}

std::optional<OnTimeout> parse_on_timeout(std::string_view text)
{
    for (const OnTimeout action : {OnTimeout::rollback, OnTimeout::suspend, OnTimeout::postcopy}) {
        if (text == to_string(action)) {
            return action;
        }
    }
    return std::nullopt;
}

std::string_view to_string(PostCopy postcopy) { return postcopy == PostCopy::allow ? "allow" : "never"; }

std::optional<PostCopy> parse_postcopy(std::string_view text)
{
    for (const PostCopy postcopy : {PostCopy::never, PostCopy::allow}) {
        if (text == to_string(postcopy)) {
            return postcopy;
        }
    }
    return std::nullopt;
}

Json to_json(const Schedule& schedule)
{
    Json json = Json::object();
    json["profile"] = schedule.profile;
    json["first_downtime_ms"] = schedule.first_downtime.count();
    json["max_downtime_ms"] = schedule.max_downtime.count();
    json["stall_ms"] = schedule.stall.count();
    json["auto_converge"] = schedule.auto_converge;
    json["connections"] = schedule.connections;
    json["bandwidth_bytes_per_s"] = schedule.bandwidth_bytes_per_s;
    json["on_timeout"] = to_string(schedule.on_timeout);
    json["postcopy"] = to_string(schedule.postcopy);
    return json;
}

Result<Schedule> schedule_from_json(const Json& json)
{
    Fields fields(json, "plan schedule");
    Schedule schedule;
    schedule.profile = fields.text("profile");
    schedule.first_downtime = fields.duration("first_downtime_ms");
    schedule.max_downtime = fields.duration("max_downtime_ms");
    schedule.stall = fields.duration("stall_ms");
    schedule.auto_converge = fields.flag("auto_converge");
    schedule.connections = fields.integer("connections");
    schedule.bandwidth_bytes_per_s = fields.natural("bandwidth_bytes_per_s");
    const std::string word = fields.text("on_timeout");
    const auto action = parse_on_timeout(word);
    if (!action) {
        fields.reject("on_timeout", "is not known: " + word);
    }
    // Plans of before there was post-copy do not speak of it.
    const bool silent = fields.raw("postcopy").is_null();
    const auto postcopy = silent ? std::optional(PostCopy::never) : parse_postcopy(fields.text("postcopy"));
    if (!postcopy) {
        fields.reject("postcopy", "is not known");
    }
    if (!fields.problem().empty()) {
        return fail(ErrorKind::bad_plan, fields.problem());
    }
    schedule.on_timeout = *action;
    schedule.postcopy = *postcopy;
    return schedule;
}

Json to_json(const ScheduleStep& step)
{
    return Json{{"action", step.action},
                {"at_ms", step.at.count()},
                {"downtime_ms", step.downtime.count()},
                {"pass", step.pass},
                {"remaining_bytes", step.remaining_bytes},
                {"dirty_bytes_per_s", step.dirty_bytes_per_s},
                {"rate_bytes_per_s", step.rate_bytes_per_s},
                {"reason", step.reason}};
}

}  // namespace vmferry::model
