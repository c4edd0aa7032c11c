// vmferry status [TX|VM], vmferry status --doctor VM

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "cli/await.hpp"
#include "cli/command.hpp"
#include "cli/doctor.hpp"
#include "cli/environment.hpp"
#include "cli/kept.hpp"
#include "cli/report.hpp"
#include "cli/report_doctor.hpp"
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
    [[nodiscard]] std::string_view synopsis() const override
    {
        return "[TX | VM | --doctor VM --hosts A,B] [OPTION...]";
    }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry status\n"
               "  vmferry status web1 --watch          drawn anew each second\n"
               "  vmferry status 01939f3c --wait       ends with the exit code of that transaction\n"
               "  vmferry status --doctor web1 --hosts kvm1,kvm2\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_status_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("TX", m_what, false, "transaction (or the first digits of its id), or name of a VM");
        options.text("--doctor", m_doctor, "VM",
                     "any VM, also one that others left broken: what it is on two hosts, and what settles it");
        options.list("--hosts", m_hosts, "HOST,...", "with --doctor: the two hosts");
        options.flag("--watch", m_watch, "show it again whenever it changes, until all that is shown has ended");
        options.flag("--wait", m_wait, "wait for the end of this transaction, and return its exit code");
        options.duration("--timeout", m_timeout, "wait no longer; then 75");
    }

    [[nodiscard]] Result<> prepare(const Settings& /*settings*/) override
    {
        if (m_doctor.empty() != m_hosts.empty() || (!m_doctor.empty() && (!m_what.empty() || m_wait || m_watch))) {
            return fail(Error(ErrorKind::usage, "--doctor VM goes with --hosts A,B and nothing else")
                            .with_next("vmferry status --doctor VM --hosts A,B"));
        }
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
        const auto code = !m_doctor.empty() ? doctor(environment) : m_wait ? wait(environment) : show(environment);
        if (!code) {
            tell_error(environment, m_doctor.empty() ? k_status_schema : k_doctor_schema, code.error());
            return engine::exit_code_untouched(code.error().kind());
        }
        return *code;
    }

private:
    struct Look {
        std::vector<StatusLine> lines;
        std::optional<journal::TransactionRow> newest;  ///< Of all that are settled, where all were asked for.
    };
    [[nodiscard]] Result<Look> look(const Settings& settings) const;
    [[nodiscard]] Result<ExitCode> show(Environment& environment) const;
    [[nodiscard]] Result<ExitCode> wait(Environment& environment) const;
    [[nodiscard]] Result<ExitCode> doctor(Environment& environment) const;

    std::string m_what;
    std::string m_doctor;
    std::vector<std::string> m_hosts;
    bool m_watch = false;
    bool m_wait = false;
    std::optional<Milliseconds> m_timeout;
};

Result<Status::Look> Status::look(const Settings& settings) const
{
    Look found;
    VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(settings.journal_path, journal::Access::read_only));
    std::vector<journal::TransactionRow> rows;
    if (m_what.empty()) {
        VMF_TRY_ASSIGN(const auto all, store->transactions());
        rows = unsettled(all);
        const auto newest = std::max_element(all.begin(), all.end(), [](const auto& one, const auto& other) {
            return one.changed_at_ms < other.changed_at_ms;
        });
        if (newest != all.end()) {
            found.newest = *newest;
        }
    } else {
        VMF_TRY_ASSIGN(rows, by_id_or_vm(*store, m_what));
    }
    if (m_what.empty()) {
        VMF_TRY_ASSIGN(const auto keeping, moves_that_keep(*store, {}));
        std::copy_if(keeping.begin(), keeping.end(), std::back_inserter(rows), is_settled);
    }
    for (const journal::TransactionRow& row : rows) {
        VMF_TRY_ASSIGN(StatusLine line, status_of(*store, row));
        found.lines.push_back(std::move(line));
    }
    return found;
}

/// Who started it and went away wants to know how it ended.
std::string newest_text(const journal::TransactionRow& row)
{
    const journal::TransactionHead& head = row.head;
    return fmt::format("Last: {} {}, {} -> {}: {}.   Details: vmferry audit {}\n", head.command, head.vm_name,
                       head.source, head.target, row.outcome, head.id.brief());
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
        VMF_TRY_ASSIGN(const Look found, look(environment.settings));
        const std::vector<StatusLine>& lines = found.lines;
        // Not by the text: an age of "12s" is no news.
        const std::string state = dump_line(status_json(lines));
        if (redraw || state != last) {
            const bool tells_newest =
                lines.empty() && found.newest && environment.settings.globals.format != Format::json;
            environment.output.result((redraw ? "\033[H\033[J" : "") + rendered(environment, lines) +
                                      (tells_newest ? newest_text(*found.newest) : ""));
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

Result<ExitCode> Status::doctor(Environment& environment) const
{
    VMF_TRY_ASSIGN(const auto session, Session::open(environment, journal::Access::read_only));
    VMF_TRY_ASSIGN(const DoctorView view, examine(environment, *session, m_doctor, m_hosts));
    const ExitCode code = view.in_doubt ? ExitCode::in_doubt : ExitCode::ok;
    const bool as_json = environment.settings.globals.format == Format::json;
    environment.output.result(as_json ? dump_line(doctor_json(view, code)) : doctor_text(view));
    return code;
}

}  // namespace

std::unique_ptr<Command> make_status() { return std::make_unique<Status>(); }

}  // namespace vmferry::cli
