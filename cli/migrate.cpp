// vmferry migrate VM DEST

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hosts_config.hpp"
#include "cli/profile_options.hpp"
#include "cli/suggest.hpp"
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
               "  vmferry migrate web1 kvm2 --profile fast --timeout 10m\n";
    }
    [[nodiscard]] bool guarded() const override { return true; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.argument("DEST", m_target, true,
                         "target host: [host.NAME] of the configuration, URI, or libvirt alias");
        options.list("--accept", m_accept, "ID,...", "go on although these checks found an error");
        m_profile.declare(options);
        options.parsed(
            "--switch", "MODE", [this](const std::string& word) { return take_switch(word); },
            "guarded, or wait: start the target only after libvirt has ended the source (guarded)");
        options.flag("--p2p", m_peer_to_peer, "the source's daemon drives the move; implies --switch wait");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        VMF_TRY_ASSIGN(m_order.source, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(m_order.target, host_address(settings.config, m_target));
        VMF_TRY_ASSIGN(const Tuning tuning, m_profile.tune(settings.config));
        VMF_TRY(choose_route());
        m_order.request.limits = tuning.limits;
        m_order.request.schedule = tuning.schedule;
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
        const std::string connect = settings.globals.connect;
        m_order.retry =
            fmt::format("vmferry migrate {}{} {}", connect.empty() ? "" : "-c " + m_order.source.label + " ", m_vm,
                        m_order.target.label);
        const Done done = carry_out(environment, **session, m_order);
        tell(environment, done.report);
        return done.report.code;
    }

private:
    Result<> take_switch(const std::string& word);
    Result<> choose_route();

    std::string m_vm;
    std::string m_target;
    std::vector<std::string> m_accept;
    ProfileOptions m_profile;
    std::optional<model::SwitchMode> m_switch;
    bool m_peer_to_peer = false;
    Order m_order;
};

Result<> Migrate::take_switch(const std::string& word)
{
    m_switch = model::parse_switch_mode(word);
    return m_switch ? Result<>{}
                    : fail(ErrorKind::usage, fmt::format("'{}' is not one of guarded, wait{}", word,
                                                         did_you_mean(word, {"guarded", "wait"})));
}

/// What the source's daemon drives cannot be held by us.
Result<> Migrate::choose_route()
{
    engine::MoveRequest& request = m_order.request;
    request.peer_to_peer = m_peer_to_peer;
    request.switch_mode = m_switch.value_or(m_peer_to_peer ? model::SwitchMode::wait : model::SwitchMode::guarded);
    if (m_peer_to_peer && request.switch_mode == model::SwitchMode::guarded) {
        return fail(ErrorKind::usage, "--p2p cannot be guarded: the reply of Finish goes to the source's daemon");
    }
    return {};
}

}  // namespace

std::unique_ptr<Command> make_migrate() { return std::make_unique<Migrate>(); }

}  // namespace vmferry::cli
