// vmferry announce VM

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/hosts_config.hpp"
#include "cli/libvirt_module.hpp"
#include "cli/lock.hpp"
#include "cli/report.hpp"
#include "cli/session.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

constexpr std::string_view k_schema = "vmferry.announce/1";

struct Announced {
    model::DomainFacts domain;
    std::string host;
};

OrderedJson announce_json(const Announced& announced, int rounds)
{
    OrderedJson json;
    json["schema"] = k_schema;
    json["vm"]["name"] = announced.domain.name;
    json["vm"]["uuid"] = announced.domain.uuid.str();
    json["host"] = announced.host;
    json["exit_code"] = 0;
    json["interfaces"] = OrderedJson::array();
    for (const model::Nic& nic : announced.domain.nics) {
        OrderedJson one;
        one["mac"] = nic.mac;
        one["method"] = "qmp";
        one["rounds"] = rounds;
        one["learned_on"] = nullptr;
        one["verified"] = false;
        json["interfaces"].push_back(std::move(one));
    }
    json["error"] = nullptr;
    return json;
}

class Announce final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "announce"; }
    [[nodiscard]] std::string_view summary() const override { return "tell the network again where a VM is"; }
    [[nodiscard]] std::string_view synopsis() const override { return "VM [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry announce web1\n"
               "  vmferry announce -c kvm2 web1\n"
               "  vmferry announce -c kvm2 web1 --count 10\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("VM", m_vm, true, "name or UUID");
        options.number("--count", m_count, 1, 100, "rounds (5)");
    }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        auto announced = announce(environment);
        if (!announced) {
            const ExitCode code = engine::exit_code_untouched(announced.error().kind());
            tell_error(environment, k_schema, announced.error());
            return code;
        }
        if (environment.settings.globals.format == Format::json) {
            environment.output.result(dump_line(announce_json(*announced, m_count)));
        } else if (environment.settings.globals.verbosity >= 0) {
            const size_t nics = announced->domain.nics.size();
            environment.output.result(fmt::format("{} announced from {}: {} interface{}, {} round{} (qmp).\n",
                                                  announced->domain.name, announced->host, nics, nics == 1 ? "" : "s",
                                                  m_count, m_count == 1 ? "" : "s"));
        }
        return ExitCode::ok;
    }

private:
    Result<Announced> announce(Environment& environment)
    {
        const Settings& settings = environment.settings;
        VMF_TRY_ASSIGN(const model::HostAddress address, source_address(settings.config, settings.globals.connect));
        VMF_TRY_ASSIGN(world::Hypervisor * hypervisor, load_hypervisor());
        auto host = hypervisor->open(address, k_connect_limit);
        if (!host) {
            return fail(as_unknown_host(settings.config, address, std::move(host).error()));
        }
        VMF_TRY_ASSIGN(const Uuid vm, (*host)->inspect().find(m_vm));
        // Never into the middle of a move: an incoming emulator does not answer QMP.
        VMF_TRY_ASSIGN(const VmLock lock, VmLock::take(settings.lock_directory, vm, m_vm));
        Announced announced;
        announced.host = address.label;
        VMF_TRY_ASSIGN(announced.domain, (*host)->inspect().describe(vm));
        if (announced.domain.now.state != model::RunState::running) {
            return fail(Error(ErrorKind::failed,
                              fmt::format("{} is {} on {}: only a running VM can announce itself",
                                          announced.domain.name, model::describe(announced.domain.now), address.label))
                            .with_id("VMF-E101")
                            .with_next(fmt::format("vmferry announce -c HOST {}   with the host that runs it", m_vm)));
        }
        VMF_TRY((*host)->control().announce(vm, m_count));
        return announced;
    }

    std::string m_vm;
    int m_count = 5;
};

}  // namespace

std::unique_ptr<Command> make_announce() { return std::make_unique<Announce>(); }

}  // namespace vmferry::cli
