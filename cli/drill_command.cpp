// vmferry drill VM TARGET

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "cli/command.hpp"
#include "cli/drill.hpp"
#include "cli/hosts_config.hpp"
#include "cli/profile.hpp"
#include "cli/report_drill.hpp"
#include "cli/transact.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

class DrillCommand final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "drill"; }
    [[nodiscard]] std::string_view summary() const override
    {
        return "prove on your own hosts that a killed move comes back";
    }
    [[nodiscard]] std::string_view synopsis() const override { return "VM DEST [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry drill test1 kvm2               test1 stands for moments, many times\n"
               "  vmferry drill test1 kvm2 --quick       half of the moments\n"
               "  vmferry drill test1 kvm2 --json        what was proved, for the records\n";
    }
    /// A single round dies for good: nobody is to settle it but the drill.
    [[nodiscard]] bool guarded() const override { return m_at.empty(); }
    [[nodiscard]] std::string_view schema() const override { return k_drill_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_order.vm, true, "a running VM whose short interruptions hurt nobody");
        options.argument("DEST", m_target, true, "the other host; the VM ends where it was");
        options.flag("--quick", m_order.quick, "kill only after each write of the journal, not before it as well");
        options.text("--at", m_at, "MOMENT",
                     "before:N or after:N: one move only, which dies at that write and is not settled");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        VMF_TRY_ASSIGN(m_order.home, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_target));
        if (m_at.empty()) {
            return {};
        }
        auto death = parse_death(m_at);
        if (!death) {
            return fail(std::move(death).error());
        }
        m_death = *death;
        return {};
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        return m_at.empty() ? run_all(environment) : run_once(environment);
    }

private:
    ExitCode run_all(Environment& environment)
    {
        auto session = Session::open(environment, journal::Access::read_write);
        if (!session) {
            tell_error(environment, k_drill_schema, session.error());
            return engine::exit_code_untouched(session.error().kind());
        }
        const DrillResult result = run_drill(environment, **session, m_order);
        const bool as_json = environment.settings.globals.format == Format::json;
        if (as_json || !result.error) {
            environment.output.result(as_json ? dump_line(drill_json(result, m_order)) : drill_text(result, m_order));
        }
        if (result.error) {
            environment.output.error(drill_failure(result, environment.err));
        }
        return result.code;
    }

    /// Dies by SIGKILL, as a power failure would let it: nothing is flushed, closed or said but the name of the write.
    void watch(Moment moment, int write, const std::string& entry)
    {
        m_writes = std::max(m_writes, write);
        if (m_death.write == write && m_death.moment == moment) {
            write_now(STDERR_FILENO, fmt::format("write: {}\n", entry));
            ::kill(::getpid(), SIGKILL);
        }
    }

    ExitCode run_once(Environment& environment)
    {
        auto session = Session::open(environment, journal::Access::read_write, [this](auto store) {
            return mortal(std::move(store),
                          [this](Moment moment, int write, const std::string& entry) { watch(moment, write, entry); });
        });
        const Config& config = environment.settings.config;
        const auto tuning = tune(config.profiles, config.profile, config.defaults, {}, {});
        if (!session || !tuning) {
            const Error& error = session ? tuning.error() : session.error();
            tell_error(environment, k_drill_schema, error);
            return engine::exit_code_untouched(error.kind());
        }
        Order order;
        order.source = m_order.home;
        order.target = m_order.target;
        order.request.vm = m_order.vm;
        order.request.limits = tuning->limits;
        order.request.schedule = tuning->schedule;
        order.request.accepted = accepted(config, {});
        order.request.cache_directory = cache_directory(environment.settings);
        order.request.tls = config.require_tls;
        order.retry = fmt::format("vmferry drill {} {}", m_order.vm, m_target);
        const Report report = carry_out(environment, **session, order).report;
        tell(environment, report);
        write_now(STDOUT_FILENO, fmt::format("writes: {}\n", m_writes));
        return report.code;
    }

    DrillOrder m_order;
    std::string m_target;
    std::string m_at;
    Death m_death;
    int m_writes = 0;
};

}  // namespace

std::unique_ptr<Command> make_drill() { return std::make_unique<DrillCommand>(); }

}  // namespace vmferry::cli
