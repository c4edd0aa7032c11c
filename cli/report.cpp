#include "cli/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/journald_reporter.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;

Report untouched(const std::string& command, const std::string& vm, const std::string& to, Error error)
{
    Report report;
    report.command = command;
    report.vm_name = vm;
    report.to = to;
    report.code = engine::exit_code_untouched(error.kind());
    report.outcome.kind = OutcomeKind::refused;
    report.outcome.error = std::move(error);
    return report;
}

std::string error_id(const Error& error)
{
    if (!error.id().empty()) {
        return error.id();
    }
    const int code =
        error.kind() == ErrorKind::unknown ? 2 : static_cast<int>(engine::exit_code_untouched(error.kind()));
    return fmt::format("VMF-E{:03}", code);
}

std::string outcome_id(const engine::Outcome& outcome)
{
    return outcome.kind == OutcomeKind::lost ? "VMF-E032"
                                             : fmt::format("VMF-E{:03}", static_cast<int>(outcome.exit_code()));
}

std::string report_id(const Report& report)
{
    return report.outcome.error ? error_id(*report.outcome.error) : outcome_id(report.outcome);
}

void tell(Environment& environment, const Report& report)
{
    if (environment.journald != nullptr) {
        environment.journald->result(report);
    }
    if (environment.events != nullptr) {
        environment.events->result(result_json(report));
    }
    if (environment.settings.globals.format == Format::json) {
        environment.output.result(dump_line(result_json(report)));
        if (report.code == ExitCode::ok) {
            return;
        }
    }
    tell_as_text(environment, report, environment.settings.globals.verbosity < 0);
}

void tell_error(Environment& environment, std::string_view schema, const Error& error)
{
    OrderedJson json;
    json["schema"] = schema;
    json["exit_code"] = static_cast<int>(engine::exit_code_untouched(error.kind()));
    json["error"] = error_json(error);
    if (environment.events != nullptr) {
        environment.events->result(json);
    }
    if (environment.settings.globals.format == Format::json) {
        environment.output.result(dump_line(json));
    }
    environment.output.error(untouched_text(error, environment.err));
}

ExitCode worse(ExitCode one, ExitCode other)
{
    static constexpr std::array k_order{ExitCode::rollback_failed,
                                        ExitCode::in_doubt,
                                        ExitCode::internal,
                                        ExitCode::journal_io,
                                        ExitCode::rolled_back_debts,
                                        ExitCode::rolled_back,
                                        ExitCode::committed_degraded,
                                        ExitCode::unreachable,
                                        ExitCode::blocked,
                                        ExitCode::usage,
                                        ExitCode::bad_plan,
                                        ExitCode::not_found,
                                        ExitCode::unknown_host,
                                        ExitCode::no_permission,
                                        ExitCode::config,
                                        ExitCode::failed_clean,
                                        ExitCode::temp_fail,
                                        ExitCode::interrupted,
                                        ExitCode::terminated,
                                        ExitCode::plan_has_moves,
                                        ExitCode::ok};
    const auto rank = [](ExitCode code) { return std::find(k_order.begin(), k_order.end(), code) - k_order.begin(); };
    return rank(one) <= rank(other) ? one : other;
}

}  // namespace vmferry::cli
