// vmferry status [TX|VM]

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/report.hpp"
#include "cli/report_status.hpp"
#include "cli/selection.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

class Status final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "status"; }
    [[nodiscard]] std::string_view summary() const override
    {
        return "show unfinished transactions and what they need";
    }
    [[nodiscard]] std::string_view synopsis() const override { return "[TX | VM] [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry status\n"
               "  vmferry status 01939f3c\n"
               "  vmferry status web1 --json\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_status_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("TX", m_what, false, "transaction (or the first digits of its id), or name of a VM");
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        auto lines = look(environment.settings);
        if (!lines) {
            const ExitCode code = engine::exit_code_untouched(lines.error().kind());
            tell_error(environment, k_status_schema, lines.error());
            return code;
        }
        const bool json = environment.settings.globals.format == Format::json;
        environment.output.result(json ? dump_line(status_json(*lines)) : status_text(*lines));
        return ExitCode::ok;
    }

private:
    Result<std::vector<StatusLine>> look(const Settings& settings)
    {
        VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(settings.journal_path, journal::Access::read_only));
        std::vector<journal::TransactionRow> rows;
        if (m_what.empty()) {
            VMF_TRY_ASSIGN(const auto all, store->transactions());
            rows = unsettled(all);
        } else {
            VMF_TRY_ASSIGN(rows, by_id_or_vm(*store, m_what));
        }
        std::vector<StatusLine> lines;
        for (const journal::TransactionRow& row : rows) {
            VMF_TRY_ASSIGN(StatusLine line, status_of(*store, row));
            lines.push_back(std::move(line));
        }
        return lines;
    }

    std::string m_what;
};

}  // namespace

std::unique_ptr<Command> make_status() { return std::make_unique<Status>(); }

}  // namespace vmferry::cli
