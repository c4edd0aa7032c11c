#include "cli/report_doctor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vmferry::cli {

namespace {

const std::optional<model::Marker>& marker_of(const HostView& host) { return host.seen.marker(); }

std::string host_line(const HostView& host)
{
    std::vector<std::string> parts = {model::describe(host.seen)};
    if (host.autostart) {
        parts.push_back(*host.autostart ? "autostart on" : "autostart off");
    }
    if (host.cpu_time_delta_ns) {
        parts.push_back(fmt::format("processor time +{} ms between two looks", *host.cpu_time_delta_ns / 1000000));
    }
    if (const auto& marker = marker_of(host)) {
        parts.push_back(fmt::format("marker of transaction {} as {}{}", marker->transaction.brief(),
                                    to_string(marker->role),
                                    marker->resumed     ? ", has run"
                                    : marker->committed ? ", COMMIT"
                                                        : ""));
    }
    return fmt::format("  {}  {}\n", host.host, fmt::join(parts, "; "));
}

std::string disk_lines(const DoctorView& view)
{
    std::string text;
    for (const HostView& host : view.hosts) {
        for (const model::DiskFile& disk : host.disks) {
            const std::string access = disk.owner.empty() ? "" : fmt::format("  ({}, {})", disk.owner, disk.mode);
            text += fmt::format("  {}  {} {} {}{}\n", host.host, host.seen.active() ? "uses" : "defines", disk.target,
                                disk.source, access);
        }
    }
    return text;
}

OrderedJson host_json(const HostView& host)
{
    const model::Observation& seen = host.seen;
    OrderedJson json;
    json["host"] = host.host;
    json["reachable"] = seen.reachable;
    json["problem"] = seen.problem.empty() ? OrderedJson() : OrderedJson(seen.problem);
    json["exists"] = seen.exists;
    if (!seen.exists) {
        return json;
    }
    json["state"] = model::to_string(seen.state);
    json["reason"] = model::to_string(seen.reason);
    json["persistent"] = seen.persistent;
    json["autostart"] = host.autostart ? OrderedJson(*host.autostart) : OrderedJson();
    json["job_active"] = seen.job_active;
    json["cpu_time_ns"] = seen.cpu_time_ns;
    json["cpu_time_delta_ns"] = host.cpu_time_delta_ns ? OrderedJson(*host.cpu_time_delta_ns) : OrderedJson();
    const auto& marker = marker_of(host);
    json["marker"] = marker ? OrderedJson(model::to_json(*marker)) : OrderedJson();
    json["disks"] = OrderedJson::array();
    for (const model::DiskFile& disk : host.disks) {
        OrderedJson one;
        one["target"] = disk.target;
        one["source"] = disk.source;
        one["owner"] = disk.owner;
        one["mode"] = disk.mode;
        json["disks"].push_back(std::move(one));
    }
    return json;
}

}  // namespace

std::string doctor_text(const DoctorView& view)
{
    std::string text = fmt::format("{}  {}\n", view.vm_name, view.vm_uuid);
    for (const HostView& host : view.hosts) {
        text += host_line(host);
    }
    text += disk_lines(view);
    text += fmt::format("Row {} (by {}{}{}): {}.\n", view.row, view.told_by,
                        view.transaction.empty() ? "" : ", transaction ", view.transaction.substr(0, 13), view.reason);
    text += view.next.empty() ? "Nothing has to be settled.\n"
                              : fmt::format("Next: {}\n", fmt::join(view.next, "\n  or: "));
    return text;
}

OrderedJson doctor_json(const DoctorView& view, engine::ExitCode code)
{
    OrderedJson json;
    json["schema"] = k_doctor_schema;
    json["exit_code"] = static_cast<int>(code);
    json["vm"] = {{"name", view.vm_name}, {"uuid", view.vm_uuid}};
    json["hosts"] = OrderedJson::array();
    for (const HostView& host : view.hosts) {
        json["hosts"].push_back(host_json(host));
    }
    json["told_by"] = view.told_by;
    json["tx"] = view.transaction.empty() ? OrderedJson() : OrderedJson(view.transaction);
    json["row"] = view.row;
    json["action"] = view.action;
    json["reason"] = view.reason;
    json["next"] = view.next;
    return json;
}

}  // namespace vmferry::cli
