#include "cli/journald_reporter.hpp"

#include <fmt/format.h>

#include "cli/report.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

namespace level = spdlog::level;

void JournaldReporter::begun(const model::Plan& plan)
{
    m_sink->speak_of(plan);
    m_sink->tell(JournaldEvent::began, level::info,
                 fmt::format("{}: {} of {} -> {}", plan.vm_name, plan.command, plan.source, plan.target));
}

void JournaldReporter::resumed(const model::Plan& plan)
{
    m_sink->speak_of(plan);
    m_sink->tell(
        JournaldEvent::resumed, level::warn,
        fmt::format("{}: recovery of an earlier {}, {} -> {}", plan.vm_name, plan.command, plan.source, plan.target));
}

void JournaldReporter::phase_started(std::string_view phase) { m_sink->speak_of_phase(phase); }

void JournaldReporter::phase_done(std::string_view phase, Milliseconds took, const std::string& /*detail*/)
{
    m_sink->tell(JournaldEvent::phase_done, level::info, fmt::format("{} done in {}", phase, format_duration(took)));
}

void JournaldReporter::phase_failed(std::string_view phase, const Error& error)
{
    m_sink->tell(JournaldEvent::phase_failed, level::err, fmt::format("{} failed: {}", phase, error.text()),
                 error_id(error));
}

void JournaldReporter::finding(const model::Finding& finding)
{
    const auto level = finding.severity < model::Severity::warn    ? level::debug
                       : finding.severity == model::Severity::warn ? level::warn
                                                                   : level::err;
    m_sink->tell(JournaldEvent::finding, level, fmt::format("{}: {}", finding.subject, finding.message), finding.id);
}

void JournaldReporter::warning(const std::string& text) { m_sink->tell(JournaldEvent::warning, level::warn, text); }

void JournaldReporter::settling(const std::string& what) { m_sink->tell(JournaldEvent::recovery, level::warn, what); }

void JournaldReporter::settled_step(const std::string& what)
{
    m_sink->tell(JournaldEvent::undone, level::info, "undone: " + what);
}

void JournaldReporter::result(const Report& report)
{
    const bool well = report.code == engine::ExitCode::ok;
    m_sink->tell(well ? JournaldEvent::ended : JournaldEvent::failed, well ? level::info : level::err,
                 summary_text(report), well ? "" : report_id(report));
}

}  // namespace vmferry::cli
