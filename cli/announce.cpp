// vmferry announce VM

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/hosts_config.hpp"
#include "cli/libvirt_module.hpp"
#include "cli/lock.hpp"
#include "cli/report.hpp"
#include "cli/report_announce.hpp"
#include "cli/session.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

/// Up to the first dot: one side may say its domain too.
std::string short_name(const std::string& name) { return name.substr(0, name.find('.')); }

class Announce final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "announce"; }
    [[nodiscard]] std::string_view summary() const override { return "tell the network again where a VM is"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry announce web1\n"
               "  vmferry announce -c kvm2 web1 --probe 192.0.2.17\n"
               "  vmferry announce web1 --interface br0 --probe 192.0.2.17     on the host that runs it\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_announce_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.text("--method", m_method, "METHOD",
                     "qmp: the VM's emulator; frames: this machine; auto: frames when there is --interface");
        options.text("--interface", m_interface, "IF", "send frames there; only on the host that runs the VM");
        options.list("--probe", m_probes, "ADDRESS,...",
                     "go on until the VM answers at this address (MAC=ADDRESS when it has several interfaces)");
        options.number("--count", m_order.rounds_max, 1, 100, "rounds, at most (5)");
        options.duration("--interval", m_interval, "from round to round (100ms)");
        options.flag("--verify", m_verify, "fail unless somebody was seen to know the way");
    }

    [[nodiscard]] Result<> prepare(const Settings& /*settings*/) override
    {
        if (m_method != "auto" && m_method != "qmp" && m_method != "frames") {
            return refuse(fmt::format("'{}' is none of qmp, frames and auto", m_method));
        }
        if (m_method == "frames" && m_interface.empty()) {
            return refuse("frames need --interface: where are they to go?");
        }
        if (m_method == "qmp" && !m_interface.empty()) {
            return refuse("--interface is for frames, not for qmp");
        }
        m_order.interval = m_interval.value_or(m_order.interval);
        m_order.until_verified = m_verify || !m_probes.empty();
        return {};
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        auto announced = announce(environment);
        if (!announced) {
            const ExitCode code = engine::exit_code_untouched(announced.error().kind());
            tell_error(environment, k_announce_schema, announced.error());
            return code;
        }
        std::optional<Error> error;
        if (m_order.until_verified && !announced->verified) {
            error = not_seen(*announced);
        }
        const ExitCode code = error ? ExitCode::failed_clean : ExitCode::ok;
        if (environment.settings.globals.format == Format::json) {
            environment.output.result(dump_line(announce_json(*announced, error, code)));
        } else if (environment.settings.globals.verbosity >= 0) {
            environment.output.result(announce_text(*announced));
        }
        if (error) {
            environment.output.error(untouched_text(*error, environment.err));
        }
        return code;
    }

private:
    static Result<> refuse(const std::string& what)
    {
        return fail(Error(ErrorKind::usage, what).with_next("vmferry announce --help"));
    }

    /// Sent from anywhere else, frames would lead the VM's traffic astray.
    static Result<> refuse_elsewhere(world::Host& host, const std::string& vm)
    {
        VMF_TRY_ASSIGN(const model::HostFacts facts, host.capabilities().facts());
        std::array<char, 256> own{};
        static_cast<void>(::gethostname(own.data(), own.size() - 1));
        if (short_name(own.data()) == short_name(facts.hostname)) {
            return {};
        }
        return fail(
            Error(ErrorKind::usage, fmt::format("{} runs on {}, and this is {}: frames from here would lead its "
                                                "traffic astray",
                                                vm, facts.hostname, own.data()))
                .with_next(fmt::format("vmferry announce {}   on {}, or without --interface", vm, facts.hostname)));
    }

    static Error not_seen(const Announced& announced)
    {
        std::vector<std::string> unseen;
        for (const AnnouncedInterface& one : announced.interfaces) {
            if (!one.verified()) {
                unseen.push_back(one.mac.str());
            }
        }
        return Error(ErrorKind::failed, fmt::format("after {} rounds nobody was seen to know the way to {}",
                                                    announced.rounds, fmt::join(unseen, ", ")))
            .with_id("VMF-E102")
            .with_next("--probe ADDRESS asks the VM itself; its own firewall may keep it from answering");
    }

    Result<std::unique_ptr<world::Host>> open(const Settings& settings, std::string& label) const
    {
        VMF_TRY_ASSIGN(const model::HostAddress address, source_address(settings.config, settings.globals.connect));
        label = address.label;
        VMF_TRY_ASSIGN(world::Hypervisor * hypervisor, load_hypervisor());
        auto host = hypervisor->open(address, k_connect_limit);
        return host ? std::move(host) : fail(as_unknown_host(settings.config, address, std::move(host).error()));
    }

    Result<Announced> announce(Environment& environment)
    {
        const Settings& settings = environment.settings;
        Announced announced;
        VMF_TRY_ASSIGN(const auto host, open(settings, announced.host));
        VMF_TRY_ASSIGN(const Uuid vm, host->inspect().find(m_vm));
        // Never into the middle of a move: an incoming emulator does not answer QMP, and the VM is not
        // there before the point of no return.
        VMF_TRY_ASSIGN(const VmLock lock, VmLock::take(settings.lock_directory, vm, m_vm));
        VMF_TRY_ASSIGN(announced.domain, host->inspect().describe(vm));
        VMF_TRY(refuse_standing(announced));
        VMF_TRY_ASSIGN(auto interfaces, interfaces_of(announced.domain, m_probes));
        std::optional<network::PacketSocket> frames;
        if (!m_interface.empty()) {
            VMF_TRY(refuse_elsewhere(*host, announced.domain.name));
            VMF_TRY_ASSIGN(frames, network::PacketSocket::open(m_interface));
        }
        Announcer announcer(host->control(), vm, std::move(interfaces), std::move(frames));
        VMF_TRY(announcer.run(m_order));
        announced.method = announcer.method();
        announced.rounds = announcer.rounds();
        announced.interfaces = announcer.interfaces();
        announced.verified = announcer.verified();
        return announced;
    }

    Result<> refuse_standing(const Announced& announced) const
    {
        if (announced.domain.now.state == model::RunState::running) {
            return {};
        }
        return fail(Error(ErrorKind::failed,
                          fmt::format("{} is {} on {}: only a running VM can announce itself", announced.domain.name,
                                      model::describe(announced.domain.now), announced.host))
                        .with_id("VMF-E101")
                        .with_next(fmt::format("vmferry announce -c HOST {}   with the host that runs it", m_vm)));
    }

    std::string m_vm;
    std::string m_method = "auto";
    std::string m_interface;
    std::vector<std::string> m_probes;
    std::optional<Milliseconds> m_interval;
    bool m_verify = false;
    AnnounceOrder m_order;
};

}  // namespace

std::unique_ptr<Command> make_announce() { return std::make_unique<Announce>(); }

}  // namespace vmferry::cli
