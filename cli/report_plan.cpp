#include "cli/report_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cli/command.hpp"
#include "cli/report_copies.hpp"
#include "cli/report_precheck.hpp"
#include "core/base/json_at.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using model::PlannedStep;

namespace {

/// What a step does, by its object in the ledger. An object without a sentence of its own is shown as it is.
std::string sentence(const PlannedStep& step, const model::Plan& plan)
{
    const std::string path = text_at(step.detail, "path");
    const std::array sentences{
        std::pair{"marker:source", fmt::format("marks {} on {} as being moved", plan.vm_name, plan.source)},
        std::pair{"autostart:source", fmt::format("switches autostart off on {}", plan.source)},
        std::pair{"downtime:source", fmt::format("lowers the allowed downtime on {} to {}", plan.source,
                                                 format_duration(plan.schedule.first_downtime))},
        std::pair{"nvram:target", fmt::format("creates {} on {}", path, plan.target)},
        std::pair{"domain:target",
                  plan.was_off ? fmt::format("defines {} on {}, bolted: nobody can start it", plan.vm_name, plan.target)
                               : fmt::format("creates {} on {}, paused", plan.vm_name, plan.target)},
        std::pair{"definition:source", fmt::format("removes the definition of {} from {}", plan.vm_name, plan.source)},
        std::pair{"nvram:source", fmt::format("removes {} from {}", path, plan.source)},
        std::pair{"images:source", fmt::format("removes the copied images from {}", plan.source)},
        std::pair{"downtime:target", fmt::format("sets the allowed downtime on {} as it was", plan.target)},
        std::pair{"bolt:target",
                  fmt::format("takes the bolt away: {} can be started on {}", plan.vm_name, plan.target)},
        std::pair{"autostart:target", fmt::format("switches autostart on on {}", plan.target)},
        std::pair{"marker:target", fmt::format("takes the mark away on {}", plan.target)},
    };
    const auto* found =
        std::find_if(sentences.begin(), sentences.end(), [&](const auto& one) { return step.object == one.first; });
    if (step.object.starts_with("image:")) {
        return image_sentence(step, plan);
    }
    return found == sentences.end() ? step.object : found->second;
}

std::string switch_sentence(const model::Plan& plan)
{
    const std::string runs = fmt::format("{} runs on {}: the point of no return", plan.vm_name, plan.target);
    switch (plan.switch_mode) {
    case model::SwitchMode::guarded: break;
    case model::SwitchMode::fence:
        return fmt::format("writes COMMIT, ends the copy on {} where it stands, then {}", plan.source, runs);
    case model::SwitchMode::wait:
        return fmt::format("libvirt ends the copy on {}, writes COMMIT, then {}", plan.source, runs);
    case model::SwitchMode::native:
        return fmt::format("libvirt ends the copy on {} when {}; then COMMIT is written", plan.source, runs);
    }
    return "writes COMMIT, then " + runs;
}

/// Of a phase that leaves nothing on a host that would have to be named.
std::string phase_sentence(std::string_view phase, const model::Plan& plan)
{
    if (phase == "memory") {
        return fmt::format("{}sends the memory to {}{}{}", copying_sentence(plan),
                           plan.migrate_uri.empty() ? plan.target : plan.migrate_uri,
                           plan.tls ? " through TLS" : ", in clear text",
                           plan.may_postcopy() ? "; if it does not converge, writes POSTCOPY and lets the rest follow "
                                                 "after the switch: the point of no return"
                                               : "");
    }
    if (phase == "switch") {
        return switch_sentence(plan);
    }
    if (phase == "storage") {
        return file_copying_sentence(plan);
    }
    if (phase == "announce") {
        return fmt::format("tells the network that {} is on {}{}{}", plan.vm_name, plan.target,
                           plan.probes.empty() ? "" : ", until it answers at ", fmt::join(plan.probes, ", "));
    }
    return fmt::format("looks that {} is on {} and nowhere else", plan.vm_name, plan.target);
}

std::string steps_text(const model::PlanFile& file)
{
    std::string text;
    const bool copies_files = file.plan.was_off && file.plan.copies.any();
    for (const std::string_view phase : {"reserve", "storage", "memory", "switch", "announce", "verify", "release"}) {
        const bool is_of_memory = phase == "memory" || phase == "announce";
        if ((file.plan.was_off && is_of_memory) || (phase == "storage" && !copies_files)) {
            continue;
        }
        std::string word(phase);
        const auto line = [&](const std::string& what) {
            text += fmt::format("  {:<9} {}\n", std::exchange(word, ""), what);
        };
        if (file.plan.was_off && phase == "switch") {
            line("compares both definitions, writes COMMIT");
        }
        for (const PlannedStep& step : file.steps) {
            if (step.phase == phase) {
                line(sentence(step, file.plan));
            }
        }
        if (!word.empty()) {
            line(phase_sentence(phase, file.plan));
        }
    }
    return text;
}

/// A digest is long, and its beginning tells them apart.
std::string brief(const std::string& value)
{
    constexpr size_t k_sha256_letters = 64;
    return value.size() == k_sha256_letters ? value.substr(0, 12) + "..." : value;
}

std::string facts_text(const model::PlanFile& file)
{
    std::string text = "Relies on:\n";
    for (const auto& [name, value] : file.facts) {
        text += fmt::format("  {:<26} {}\n", name, value.empty() ? "-" : brief(value));
    }
    return text;
}

OrderedJson blocked_json(const Report& report)
{
    OrderedJson list = OrderedJson::array();
    for (const model::Finding& finding : report.outcome.findings) {
        if (finding.severity == model::Severity::error && !finding.accepted) {
            OrderedJson one = check_json(finding);
            one["vm"] = report.vm_name;
            one["check"] = finding.id;
            list.push_back(std::move(one));
        }
    }
    return list;
}

/// Without a plan: nothing to do, or what stands against it.
OrderedJson no_plan_json(const Report& report)
{
    OrderedJson json;
    json["schema"] = k_plan_schema;
    json["moves"] = OrderedJson::array();
    json["blocked"] = blocked_json(report);
    json["unchanged"] = report.unchanged.empty() ? OrderedJson() : OrderedJson(report.unchanged);
    json["exit_code"] = static_cast<int>(report.code);
    json["error"] = report.outcome.error ? error_json(*report.outcome.error) : OrderedJson();
    return json;
}

}  // namespace

std::string plan_text(const Done& done, const model::PlanFile& file, const std::string& diff)
{
    const model::Plan& plan = file.plan;
    const auto warnings =
        std::count_if(done.report.outcome.findings.begin(), done.report.outcome.findings.end(),
                      [](const model::Finding& one) { return one.severity >= model::Severity::warn && !one.accepted; });
    return fmt::format("Plan for {} ({}, {} vCPU, {}): {} -> {}, transaction {}\n", plan.vm_name,
                       model::to_string(done.domain.now.state), done.domain.vcpus,
                       format_size(done.domain.memory_bytes), plan.source, plan.target, plan.transaction.brief()) +
           steps_text(file) + facts_text(file) + diff +
           fmt::format("Result: can migrate, {} warning{}.\n", warnings, warnings == 1 ? "" : "s");
}

void tell_plan(Environment& environment, const Done& done, const std::optional<model::PlanFile>& file,
               const std::string& saved, const std::string& diff)
{
    const Report& report = done.report;
    const bool json = environment.settings.globals.format == Format::json;
    if (!file) {
        json ? environment.output.result(dump_line(no_plan_json(report))) : tell_precheck(environment, done);
        if (json && report.code != engine::ExitCode::ok) {
            tell_as_text(environment, report, true);
        }
        return;
    }
    if (json) {
        environment.output.result(model::to_text(*file));
    } else if (environment.settings.globals.verbosity >= 0) {
        const std::string where = saved.empty()
                                      ? ""
                                      : fmt::format("Saved {} (expires {}).   Run: vmferry migrate --plan {}\n", saved,
                                                    rfc3339(file->expires_at_ms), saved);
        environment.output.result(plan_text(done, *file, diff) + where);
    }
}

}  // namespace vmferry::cli
