#include "cli/recorded_code.hpp"

#include "core/base/json_at.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

constexpr std::string_view k_note = "exit-code";

ExitCode code_of(engine::OutcomeKind kind)
{
    engine::Outcome outcome;
    outcome.kind = kind;
    return outcome.exit_code();
}

}  // namespace

void keep_exit_code(journal::Store& store, const Uuid& transaction, const engine::Outcome& outcome)
{
    const ExitCode code = outcome.exit_code();
    if (outcome.kind == engine::OutcomeKind::in_doubt || code == code_of(outcome.kind)) {
        return;
    }
    const journal::Draft note{journal::Kind::note, std::string(k_note), {{"code", static_cast<int>(code)}}};
    static_cast<void>(store.append(transaction, note));
}

ExitCode recorded_exit_code(const journal::TransactionRow& row, const std::vector<journal::Entry>& entries)
{
    for (auto entry = entries.rbegin(); entry != entries.rend() && entry->kind != journal::Kind::end; ++entry) {
        if (entry->kind == journal::Kind::note && entry->object == k_note) {
            return static_cast<ExitCode>(integer_at(entry->body, "code", static_cast<int>(ExitCode::internal)));
        }
    }
    return code_of(engine::parse_outcome(row.outcome).value_or(engine::OutcomeKind::in_doubt));
}

}  // namespace vmferry::cli
