#include "core/engine/outcome.hpp"

#include <csignal>

#include <array>
#include <utility>

namespace vmferry::engine {

namespace {

constexpr std::array<std::pair<OutcomeKind, std::string_view>, 9> k_names{{
    {OutcomeKind::committed, "committed"},
    {OutcomeKind::committed_degraded, "committed-degraded"},
    {OutcomeKind::rolled_back, "rolled-back"},
    {OutcomeKind::rolled_back_debts, "rolled-back-debts"},
    {OutcomeKind::not_as_before, "not-as-before"},
    {OutcomeKind::in_doubt, "in-doubt"},
    {OutcomeKind::lost, "lost"},
    {OutcomeKind::refused, "refused"},
    {OutcomeKind::checked, "checked"},
}};

}  // namespace

std::string_view to_string(OutcomeKind kind)
{
    for (const auto& [value, name] : k_names) {
        if (value == kind) {
            return name;
        }
    }
    return "in-doubt";
}

std::optional<OutcomeKind> parse_outcome(std::string_view text)
{
    for (const auto& [value, name] : k_names) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

ExitCode exit_code_untouched(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::not_found: return ExitCode::not_found;
    case ErrorKind::unknown_host: return ExitCode::unknown_host;
    case ErrorKind::unreachable: return ExitCode::unreachable;
    case ErrorKind::denied: return ExitCode::no_permission;
    case ErrorKind::busy: return ExitCode::temp_fail;
    case ErrorKind::usage: return ExitCode::usage;
    case ErrorKind::bad_plan: return ExitCode::bad_plan;
    case ErrorKind::config: return ExitCode::config;
    case ErrorKind::journal: return ExitCode::journal_io;
    case ErrorKind::blocked: return ExitCode::blocked;
    case ErrorKind::interrupted: return ExitCode::interrupted;
    case ErrorKind::internal: return ExitCode::internal;
    case ErrorKind::failed:
    case ErrorKind::unknown: return ExitCode::failed_clean;
    }
    return ExitCode::internal;
}

ExitCode Outcome::exit_code() const
{
    switch (kind) {
    case OutcomeKind::committed:
    case OutcomeKind::checked: return ExitCode::ok;
    case OutcomeKind::committed_degraded: return ExitCode::committed_degraded;
    case OutcomeKind::rolled_back_debts: return ExitCode::rolled_back_debts;
    case OutcomeKind::not_as_before: return ExitCode::rollback_failed;
    case OutcomeKind::in_doubt:
    case OutcomeKind::lost: return ExitCode::in_doubt;
    case OutcomeKind::refused: return error ? exit_code_untouched(error->kind()) : ExitCode::blocked;
    case OutcomeKind::rolled_back: break;
    }
    if (stop_signal == SIGINT) {
        return ExitCode::interrupted;
    }
    return stop_signal == SIGTERM ? ExitCode::terminated : ExitCode::rolled_back;
}

}  // namespace vmferry::engine
