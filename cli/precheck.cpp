// vmferry precheck VM... DEST

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/image_inspection.hpp"
#include "cli/report_precheck.hpp"
#include "cli/run_options.hpp"
#include "cli/transact.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

class Precheck final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "precheck"; }
    [[nodiscard]] std::string_view summary() const override { return "say whether VMs can be moved, and why not"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM... DEST [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry precheck web1 kvm2\n"
               "  vmferry precheck web1 web2 db1 kvm2\n"
               "  vmferry precheck db1 kvm2 --deep\n"
               "  vmferry precheck web1 kvm2 --json\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }
    [[nodiscard]] std::string_view schema() const override { return k_precheck_schema; }

    [[nodiscard]] std::string events() const override { return m_run.events; }

    void declare(OptionSet& options) override
    {
        options.arguments("VM... DEST", m_words, 2, "names or UUIDs, then the target host");
        options.list("--accept", m_accept, "ID,...", "let these checks pass although they find an error");
        options.flag("--deep", m_deep, "look into the disks of VMs that are off: partitions, file systems");
        m_run.declare(options);
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_words.back()));
        return {};
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        const Settings& settings = environment.settings;
        auto session = Session::open(environment, journal::Access::read_write);
        if (!session) {
            const Report report = untouched("precheck", m_words.front(), m_words.back(), std::move(session).error());
            tell_precheck(environment, {report, {}});
            return report.code;
        }
        m_order.request.command = "precheck";
        m_order.request.accepted = accepted(settings.config, m_accept);
        m_order.request.cache_directory = cache_directory(settings);
        m_order.lock_wait = m_run.lock_wait.value_or(Milliseconds(0));
        plugin::GuestfsInspector inspector(inspector_settings(settings.config),
                                           [&] { return environment.interrupt.requested(); });
        if (m_deep || settings.config.deep) {
            m_order.before_run = [&inspector](engine::Context& context) -> Result<> {
                context.image_inspector = &inspector;
                return {};
            };
        }
        environment.progress.hide_findings();
        ExitCode worst = ExitCode::ok;
        for (size_t i = 0; i + 1 < m_words.size() && !environment.interrupt.requested(); ++i) {
            m_order.request.vm = m_words[i];
            const Done done = carry_out(environment, **session, m_order);
            tell_precheck(environment, done);
            worst = worse(worst, done.report.code);
        }
        return worst;
    }

private:
    std::vector<std::string> m_words;
    std::vector<std::string> m_accept;
    bool m_deep = false;
    RunOptions m_run;
    Order m_order;
};

}  // namespace

std::unique_ptr<Command> make_precheck() { return std::make_unique<Precheck>(); }

}  // namespace vmferry::cli
