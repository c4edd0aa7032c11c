#include "cli/report_precheck.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace vmferry::cli {

using model::Finding;
using model::Severity;

namespace {

/// "No TPM" is no news.
bool is_news(const Finding& finding)
{
    return finding.severity != Severity::ok || !finding.facts.is_object() || finding.facts.value("applies", true);
}

long count(const std::vector<Finding>& findings, Severity severity)
{
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& one) { return one.severity == severity && !one.accepted; });
}

std::string plural(long number, const std::string& word)
{
    return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

std::string_view verdict(const Report& report)
{
    const std::vector<Finding>& findings = report.outcome.findings;
    if (findings.empty()) {
        return report.code == engine::ExitCode::ok ? "ok" : "error";
    }
    if (count(findings, Severity::error) > 0) {
        return "error";
    }
    return count(findings, Severity::warn) > 0 ? "warn" : "ok";
}

std::string painted(const Finding& finding, const Palette& palette)
{
    const std::string word = fmt::format("{:<5}", model::to_string(finding.severity));
    switch (finding.severity) {
    case Severity::ok: return palette.paint(Tone::good, word);
    case Severity::info: return word;
    case Severity::warn: return palette.paint(Tone::warning, word);
    case Severity::error: return palette.paint(finding.accepted ? Tone::warning : Tone::bad, word);
    }
    return word;
}

std::string result_line(const Report& report)
{
    const std::vector<Finding>& findings = report.outcome.findings;
    const long errors = count(findings, Severity::error);
    const long warnings = count(findings, Severity::warn);
    const std::string tail = warnings > 0 ? ", " + plural(warnings, "warning") : "";
    if (errors == 0) {
        return fmt::format("Result: can migrate{}.   Next: vmferry migrate {} {}\n", tail, report.vm_name, report.to);
    }
    return fmt::format("Result: cannot migrate, {}{}.\n", plural(errors, "error"), tail);
}

}  // namespace

OrderedJson precheck_json(const Report& report)
{
    OrderedJson json;
    json["schema"] = k_precheck_schema;
    json["tx"] = report.transaction.empty() ? OrderedJson() : OrderedJson(report.transaction);
    json["vm"]["name"] = report.vm_name;
    json["vm"]["uuid"] = report.vm_uuid.empty() ? OrderedJson() : OrderedJson(report.vm_uuid);
    json["source"] = report.from;
    json["target"] = report.to;
    json["exit_code"] = static_cast<int>(report.code);
    json["verdict"] = verdict(report);
    json["checks"] = OrderedJson::array();
    for (const Finding& finding : report.outcome.findings) {
        json["checks"].push_back(check_json(finding));
    }
    json["unchanged"] = report.unchanged.empty() ? OrderedJson() : OrderedJson(report.unchanged);
    json["debts"] = report.outcome.debts;
    json["error"] = report.outcome.error ? error_json(*report.outcome.error) : OrderedJson();
    return json;
}

std::string precheck_text(const Done& done, const Palette& palette)
{
    const Report& report = done.report;
    if (!report.unchanged.empty()) {
        return report.unchanged + "\n";
    }
    std::string text =
        fmt::format("VM {} ({}, {} vCPU, {})   {} -> {}\n", report.vm_name, model::to_string(done.domain.now.state),
                    done.domain.vcpus, format_size(done.domain.memory_bytes), report.from, report.to);
    for (const Finding& finding : report.outcome.findings) {
        if (!is_news(finding)) {
            continue;
        }
        text += fmt::format("  {} {:<9} {:<18} {}{}\n", painted(finding, palette), finding.id, finding.subject,
                            finding.message, finding.accepted ? " (accepted)" : "");
        if (finding.severity >= Severity::warn && !finding.remedy.empty()) {
            text += fmt::format("  {:<34} fix: {}\n", "", finding.remedy);
        }
    }
    return text + result_line(report);
}

void tell_precheck(Environment& environment, const Done& done)
{
    const Report& report = done.report;
    if (environment.events != nullptr) {
        environment.events->result(precheck_json(report));
    }
    const bool checked = !report.outcome.findings.empty() || !report.unchanged.empty();
    if (environment.settings.globals.format == Format::json) {
        environment.output.result(dump_line(precheck_json(report)));
    } else if (checked && (report.code != engine::ExitCode::ok || environment.settings.globals.verbosity >= 0)) {
        environment.output.result(precheck_text(done, environment.out));
    }
    if (report.code != engine::ExitCode::ok) {
        tell_as_text(environment, report, true);
    }
}

}  // namespace vmferry::cli
