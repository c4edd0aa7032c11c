// vmferry status [TX|VM]

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "cli/await.hpp"
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
               "  vmferry status web1 --watch          drawn anew each second\n"
               "  vmferry status 01939f3c --wait       ends with the exit code of that transaction\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_status_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("TX", m_what, false, "transaction (or the first digits of its id), or name of a VM");
        options.flag("--watch", m_watch, "show it again whenever it changes, until all that is shown has ended");
        options.flag("--wait", m_wait, "wait for the end of this transaction, and return its exit code");
        options.duration("--timeout", m_timeout, "wait no longer; then 75");
    }

    [[nodiscard]] Result<> prepare(const Settings& /*settings*/) override
    {
        if (m_wait && (m_what.empty() || m_watch)) {
            return fail(
                Error(ErrorKind::usage, "--wait waits for one transaction").with_next("vmferry status TX --wait"));
        }
        if (m_timeout && !m_wait) {
            return fail(Error(ErrorKind::usage, "--timeout belongs to --wait").with_next("vmferry status TX --wait"));
        }
        return {};
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        const auto code = m_wait ? wait(environment) : show(environment);
        if (!code) {
            tell_error(environment, k_status_schema, code.error());
            return engine::exit_code_untouched(code.error().kind());
        }
        return *code;
    }

private:
    [[nodiscard]] Result<std::vector<StatusLine>> look(const Settings& settings) const;
    [[nodiscard]] Result<ExitCode> show(Environment& environment) const;
    [[nodiscard]] Result<ExitCode> wait(Environment& environment) const;

    std::string m_what;
    bool m_watch = false;
    bool m_wait = false;
    std::optional<Milliseconds> m_timeout;
};

Result<std::vector<StatusLine>> Status::look(const Settings& settings) const
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

std::string rendered(const Environment& environment, const std::vector<StatusLine>& lines)
{
    return environment.settings.globals.format == Format::json ? dump_line(status_json(lines)) : status_text(lines);
}

Result<ExitCode> Status::show(Environment& environment) const
{
    constexpr Milliseconds k_redraw{1000};
    const bool redraw = m_watch && environment.output.redraws() && ::isatty(STDOUT_FILENO) == 1;
    std::string last;
    while (true) {
        VMF_TRY_ASSIGN(const auto lines, look(environment.settings));
        // Not by the text: an age of "12s" is no news.
        const std::string state = dump_line(status_json(lines));
        if (redraw || state != last) {
            environment.output.result((redraw ? "\033[H\033[J" : "") + rendered(environment, lines));
            last = state;
        }
        const bool over =
            std::none_of(lines.begin(), lines.end(), [](const StatusLine& line) { return line.state == "running"; });
        if (!m_watch || over) {
            return ExitCode::ok;
        }
        std::this_thread::sleep_for(k_redraw);
    }
}

Result<ExitCode> Status::wait(Environment& environment) const
{
    const std::string& path = environment.settings.journal_path;
    VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(path, journal::Access::read_only));
    VMF_TRY_ASSIGN(const auto rows, by_id_or_vm(*store, m_what));
    const Uuid transaction = rows.front().head.id;
    VMF_TRY_ASSIGN(const ExitCode code, await_end(*store, transaction, m_timeout));
    if (environment.settings.globals.verbosity >= 0) {
        VMF_TRY_ASSIGN(const auto row, store->find(transaction.str()));
        VMF_TRY_ASSIGN(StatusLine line, status_of(*store, row));
        environment.output.result(rendered(environment, {line}));
    }
    return code;
}

}  // namespace

std::unique_ptr<Command> make_status() { return std::make_unique<Status>(); }

}  // namespace vmferry::cli
