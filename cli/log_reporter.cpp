#include "cli/log_reporter.hpp"

#include <spdlog/spdlog.h>

#include "core/base/units.hpp"

namespace vmferry::cli {

void LogReporter::begun(const model::Plan& plan)
{
    m_transaction = plan.transaction.brief();
    m_logger->info("[{}] {} of {}: {} -> {}", m_transaction, plan.command, plan.vm_name, plan.source, plan.target);
}

void LogReporter::resumed(const model::Plan& plan)
{
    m_transaction = plan.transaction.brief();
    m_logger->info("[{}] recovery of the {} of {}: {} -> {}", m_transaction, plan.command, plan.vm_name, plan.source,
                   plan.target);
}

void LogReporter::phase_started(std::string_view phase) { m_logger->debug("[{}] {} begins", m_transaction, phase); }

void LogReporter::phase_done(std::string_view phase, Milliseconds took, const std::string& /*detail*/)
{
    m_logger->info("[{}] {} done in {}", m_transaction, phase, format_duration(took));
}

void LogReporter::phase_failed(std::string_view phase, const Error& error)
{
    m_logger->error("[{}] {} failed: {}", m_transaction, phase, error.text());
}

void LogReporter::finding(const model::Finding& finding)
{
    const auto level = finding.severity < model::Severity::warn ? spdlog::level::debug : spdlog::level::warn;
    m_logger->log(level, "[{}] {} {}: {}", m_transaction, finding.id, finding.subject, finding.message);
}

void LogReporter::warning(const std::string& text) { m_logger->warn("[{}] {}", m_transaction, text); }

void LogReporter::settling(const std::string& what) { m_logger->info("[{}] recovery: {}", m_transaction, what); }

void LogReporter::settled_step(const std::string& what) { m_logger->info("[{}] undone: {}", m_transaction, what); }

}  // namespace vmferry::cli
