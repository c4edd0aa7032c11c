// vmferry migrate VM DEST

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/transact.hpp"

namespace vmferry::cli {

namespace {

class Migrate final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "migrate"; }
    [[nodiscard]] std::string_view summary() const override { return "move a VM to another host, live"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM DEST [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry migrate web1 kvm2\n"
               "  vmferry migrate -c qemu+ssh://root@kvm1/system web1 qemu+ssh://root@kvm2/system\n"
               "  vmferry migrate web1 kvm2 --timeout 10m --accept VMF-T005\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.argument("DEST", m_target, true,
                         "target host: [host.NAME] of the configuration, URI, or libvirt alias");
        options.list("--accept", m_accept, "ID,...", "go on although these checks found an error");
        options.duration("--timeout", m_timeout,
                         "give up and roll back when the memory has not converged by then (30m)");
        options.duration("--max-downtime", m_max_downtime, "the guest may stand this long at the switch (300ms)");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_target));
        return {};
    }

    [[nodiscard]] engine::ExitCode run(Environment& environment) override
    {
        const Settings& settings = environment.settings;
        auto session = Session::open(settings, journal::Access::read_write);
        if (!session) {
            const Report report = untouched("migrate", m_vm, m_target, std::move(session).error());
            tell(environment, report);
            return report.code;
        }
        engine::MoveRequest& request = m_order.request;
        request.vm = m_vm;
        request.accepted = accepted(settings.config, m_accept);
        request.cache_directory = cache_directory(settings);
        request.limits = limits_of(settings.config);
        request.limits.transaction = m_timeout.value_or(request.limits.transaction);
        request.limits.max_downtime = m_max_downtime.value_or(request.limits.max_downtime);
        const std::string connect = settings.globals.connect;
        m_order.retry =
            fmt::format("vmferry migrate {}{} {}", connect.empty() ? "" : "-c " + m_order.source.label + " ", m_vm,
                        m_order.target.label);
        const Done done = carry_out(environment, **session, m_order);
        tell(environment, done.report);
        return done.report.code;
    }

private:
    std::string m_vm;
    std::string m_target;
    std::vector<std::string> m_accept;
    std::optional<Milliseconds> m_timeout;
    std::optional<Milliseconds> m_max_downtime;
    Order m_order;
};

}  // namespace

std::unique_ptr<Command> make_migrate() { return std::make_unique<Migrate>(); }

}  // namespace vmferry::cli
