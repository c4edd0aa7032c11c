#include "core/model/before_image.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/model/fields.hpp"

namespace vmferry::model {

namespace {

constexpr std::array k_states{RunState::running,      RunState::paused,        RunState::shut_off, RunState::crashed,
                              RunState::pm_suspended, RunState::shutting_down, RunState::unknown};
constexpr std::array k_reasons{StateReason::other,           StateReason::unknown,     StateReason::user,
                               StateReason::migration,       StateReason::io_error,    StateReason::postcopy,
                               StateReason::postcopy_failed, StateReason::starting_up, StateReason::migrated,
                               StateReason::shutdown,        StateReason::destroyed,   StateReason::crashed,
                               StateReason::failed};

template <typename Values>
auto named(const Values& values, const std::string& name, Fields& fields, const char* key)
{
    for (const auto value : values) {
        if (to_string(value) == name) {
            return value;
        }
    }
    fields.reject(key, "is not known: " + name);
    return values.front();
}

std::optional<Marker> marker_from(const Json& json, std::string& problem)
{
    if (json.is_null()) {
        return std::nullopt;
    }
    Fields fields(json, "marker");
    Marker marker;
    marker.transaction = fields.uuid("transaction");
    marker.epoch = fields.integer("epoch");
    marker.role = named(std::array{Side::source, Side::target}, fields.text("role"), fields, "role");
    marker.committed = fields.flag("committed");
    marker.controller = fields.text("controller");
    if (problem.empty()) {
        problem = fields.problem();
    }
    return marker;
}

Observation observation_from(const Json& json, std::string& problem)
{
    Fields fields(json, "state");
    Observation seen;
    seen.reachable = fields.flag("reachable");
    if (!seen.reachable) {
        seen.problem = fields.text("problem");
    } else if ((seen.exists = fields.flag("exists"))) {
        seen.persistent = fields.flag("persistent");
        seen.state = named(k_states, fields.text("state"), fields, "state");
        seen.reason = named(k_reasons, fields.text("reason"), fields, "reason");
        seen.id = static_cast<int>(fields.integer("id"));
        seen.cpu_time_ns = fields.natural("cpu_time_ns");
        seen.job_active = fields.flag("job_active");
        seen.live_marker = marker_from(fields.raw("live_marker"), problem);
        seen.inactive_marker = marker_from(fields.raw("inactive_marker"), problem);
    }
    if (problem.empty()) {
        problem = fields.problem();
    }
    return seen;
}

std::vector<DiskFile> disk_files_from(const Json& json, std::string& problem)
{
    std::vector<DiskFile> files;
    if (!json.is_array()) {
        problem = problem.empty() ? "before image: \"disk_files\" is not a list" : problem;
        return files;
    }
    for (const Json& item : json) {
        Fields fields(item, "disk file");
        files.push_back({fields.text("target"), fields.text("source"), fields.text("owner"), fields.text("mode")});
        if (problem.empty()) {
            problem = fields.problem();
        }
    }
    return files;
}

Json to_json(const DiskFile& file)
{
    return Json{{"target", file.target}, {"source", file.source}, {"owner", file.owner}, {"mode", file.mode}};
}

/// The place where two canonical documents part, short enough for a message.
std::string excerpt(const std::string& text, size_t parting)
{
    constexpr size_t k_length = 160;
    if (text.empty()) {
        return "(none)";
    }
    const size_t open = text.rfind('<', std::min(parting, text.size() - 1));
    const size_t start = open == std::string::npos || parting - open > k_length / 2 ? parting : open;
    return start >= text.size() ? "(end)" : text.substr(start, k_length);
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text.empty() ? "none" : text;
}

/// Collects differences, one call for each field.
class Comparison {
public:
    void text(const std::string& field, const std::string& before, const std::string& now)
    {
        if (before != now) {
            m_all.push_back({field, before, now});
        }
    }
    void flag(const std::string& field, bool before, bool now)
    {
        text(field, before ? "yes" : "no", now ? "yes" : "no");
    }
    void number(const std::string& field, uint64_t before, uint64_t now)
    {
        text(field, std::to_string(before), std::to_string(now));
    }
    void list(const std::string& field, const std::vector<std::string>& before, const std::vector<std::string>& now)
    {
        text(field, joined(before), joined(now));
    }
    void document(const std::string& field, const std::string& before, const std::string& now)
    {
        if (before == now) {
            return;
        }
        const auto [a, b] = std::mismatch(before.begin(), before.end(), now.begin(), now.end());
        m_all.push_back({field, excerpt(before, static_cast<size_t>(a - before.begin())),
                         excerpt(now, static_cast<size_t>(b - now.begin()))});
    }
    [[nodiscard]] std::vector<Difference> take() { return std::move(m_all); }

private:
    std::vector<Difference> m_all;
};

void compare_states(Comparison& comparison, const Observation& before, const Observation& now)
{
    comparison.flag("reachable", before.reachable, now.reachable);
    comparison.flag("exists", before.exists, now.exists);
    if (!before.reachable || !now.reachable || !before.exists || !now.exists) {
        return;
    }
    comparison.flag("persistent", before.persistent, now.persistent);
    comparison.text("state", std::string(to_string(before.state)), std::string(to_string(now.state)));
    // A resume turns "running (booted)" into "running (unpaused)", and a restart of the daemon forgets
    // why a domain is off: only the reasons of `paused` are state.
    if (before.state == RunState::paused && now.state == RunState::paused) {
        comparison.text("reason", std::string(to_string(before.reason)), std::string(to_string(now.reason)));
    }
    comparison.text("instance", std::to_string(before.id), std::to_string(now.id));
    if (before.id == now.id && before.id >= 0 && now.cpu_time_ns < before.cpu_time_ns) {
        comparison.number("processor time", before.cpu_time_ns, now.cpu_time_ns);
    }
    // A job that has ended meanwhile is nobody's damage.
    if (now.job_active) {
        comparison.flag("job active", before.job_active, true);
    }
}

void compare_disk_files(Comparison& comparison, const std::vector<DiskFile>& before, const std::vector<DiskFile>& now)
{
    const auto describe = [](const DiskFile& file) { return file.source + " " + file.owner + " " + file.mode; };
    std::map<std::string, std::string> then;
    for (const DiskFile& file : before) {
        then[file.target] = describe(file);
    }
    for (const DiskFile& file : now) {
        const auto found = then.find(file.target);
        comparison.text("disk " + file.target, found == then.end() ? "none" : found->second, describe(file));
        if (found != then.end()) {
            then.erase(found);
        }
    }
    for (const auto& [target, described] : then) {
        comparison.text("disk " + target, described, "none");
    }
}

}  // namespace

std::vector<Difference> compare(const BeforeImage& before, const BeforeImage& now)
{
    Comparison comparison;
    compare_states(comparison, before.state, now.state);
    comparison.document("live definition", before.live_xml, now.live_xml);
    comparison.document("inactive definition", before.inactive_xml, now.inactive_xml);
    comparison.flag("autostart", before.autostart, now.autostart);
    comparison.flag("managed save", before.managed_save, now.managed_save);
    comparison.list("snapshots", before.snapshots, now.snapshots);
    comparison.list("checkpoints", before.checkpoints, now.checkpoints);
    comparison.list("block jobs", before.block_jobs, now.block_jobs);
    compare_disk_files(comparison, before.disk_files, now.disk_files);
    comparison.number("maximum downtime (ms)", before.max_downtime_ms, now.max_downtime_ms);
    comparison.number("maximum bandwidth (MiB/s)", before.max_bandwidth_mib_s, now.max_bandwidth_mib_s);
    return comparison.take();
}

Json to_json(const BeforeImage& image)
{
    Json files = Json::array();
    for (const DiskFile& file : image.disk_files) {
        files.push_back(to_json(file));
    }
    Json json = Json::object();
    json["state"] = to_json(image.state);
    json["live_xml"] = image.live_xml;
    json["inactive_xml"] = image.inactive_xml;
    json["autostart"] = image.autostart;
    json["managed_save"] = image.managed_save;
    json["snapshots"] = image.snapshots;
    json["checkpoints"] = image.checkpoints;
    json["block_jobs"] = image.block_jobs;
    json["disk_files"] = std::move(files);
    json["max_downtime_ms"] = image.max_downtime_ms;
    json["max_bandwidth_mib_s"] = image.max_bandwidth_mib_s;
    return json;
}

Result<BeforeImage> before_image_from_json(const Json& json)
{
    Fields fields(json, "before image");
    BeforeImage image;
    std::string problem;
    image.state = observation_from(fields.raw("state"), problem);
    image.live_xml = fields.text("live_xml");
    image.inactive_xml = fields.text("inactive_xml");
    image.autostart = fields.flag("autostart");
    image.managed_save = fields.flag("managed_save");
    image.snapshots = fields.texts("snapshots");
    image.checkpoints = fields.texts("checkpoints");
    image.block_jobs = fields.texts("block_jobs");
    image.disk_files = disk_files_from(fields.raw("disk_files"), problem);
    image.max_downtime_ms = fields.natural("max_downtime_ms");
    image.max_bandwidth_mib_s = fields.natural("max_bandwidth_mib_s");
    if (!fields.problem().empty()) {
        problem = fields.problem();
    }
    if (!problem.empty()) {
        return fail(ErrorKind::journal, problem);
    }
    return image;
}

}  // namespace vmferry::model
