// vmferry completion bash|zsh|fish, and the names that these scripts ask for

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "cli/codes.hpp"
#include "cli/command.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/environment.hpp"
#include "cli/hosts_config.hpp"
#include "cli/libvirt_module.hpp"
#include "cli/report.hpp"
#include "cli/selection.hpp"
#include "core/checks/check.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

/// Somebody waits with a finger on the key.
constexpr Milliseconds k_patience{300};

using Names = std::vector<std::string>;

Result<Names> vms(const Settings& settings)
{
    VMF_TRY_ASSIGN(const model::HostAddress address, source_address(settings.config, settings.globals.connect));
    VMF_TRY_ASSIGN(world::Hypervisor * hypervisor, load_hypervisor());
    VMF_TRY_ASSIGN(const auto host, hypervisor->open(address, k_patience));
    VMF_TRY_ASSIGN(auto residents, host->inspect().residents());
    // Those that run first, each kind by name.
    std::sort(residents.begin(), residents.end(), [](const auto& one, const auto& other) {
        return std::tie(other.active, one.name) < std::tie(one.active, other.name);
    });
    Names names;
    for (const auto& one : residents) {
        names.push_back(one.name);
    }
    return names;
}

/// Those that status, audit and rollback are usually about: unsettled ones, then the last begun.
Result<Names> transactions(const Settings& settings)
{
    constexpr size_t k_most = 20;
    VMF_TRY_ASSIGN(const auto store, journal::open_sqlite(settings.journal_path, journal::Access::read_only));
    VMF_TRY_ASSIGN(auto rows, store->transactions());
    std::stable_partition(rows.begin(), rows.end(), [](const auto& row) { return !is_settled(row); });
    Names names;
    for (const auto& row : rows) {
        if (names.size() < k_most) {
            names.push_back(row.head.id.brief());
        }
    }
    return names;
}

Names codes()
{
    Names names;
    for (const Code& code : error_codes()) {
        names.emplace_back(code.id);
    }
    for (const checks::Topic& topic : checks::all_topics()) {
        names.emplace_back(topic.id);
    }
    return names;
}

class Completion final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "completion"; }
    [[nodiscard]] std::string_view summary() const override { return "completion script for a shell"; }
    [[nodiscard]] std::string_view synopsis() const override { return "bash|zsh|fish [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry completion bash > /etc/bash_completion.d/vmferry\n"
               "  vmferry completion zsh > /usr/local/share/zsh/site-functions/_vmferry\n"
               "  vmferry completion fish > ~/.config/fish/completions/vmferry.fish\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }

    void declare(OptionSet& options) override
    {
        options.argument("bash|zsh|fish", m_what, true,
                         "the shell; or hosts, vms, transactions, codes: the names that the scripts offer");
    }

    [[nodiscard]] Result<> prepare(const Settings& settings) override
    {
        static constexpr std::array<std::string_view, 7> k_known{"bash", "zsh",          "fish", "hosts",
                                                                 "vms",  "transactions", "codes"};
        if (std::find(k_known.begin(), k_known.end(), m_what) == k_known.end()) {
            return fail(Error(ErrorKind::usage, fmt::format("'{}' is not one of {}", m_what, fmt::join(k_known, ", ")))
                            .with_next("vmferry completion --help"));
        }
        if (settings.globals.format == Format::json) {
            return fail(Error(ErrorKind::usage, "a completion script is not JSON").with_next("leave --json away"));
        }
        return {};
    }

    /// What cannot be found out is not offered: nobody wants to read errors while typing.
    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        const Settings& settings = environment.settings;
        if (m_what == "bash" || m_what == "zsh" || m_what == "fish") {
            environment.output.result(completion_script(m_what, described_commands()));
            return ExitCode::ok;
        }
        Result<Names> names = m_what == "hosts"   ? settings.config.host_names()
                              : m_what == "vms"   ? vms(settings)
                              : m_what == "codes" ? codes()
                                                  : transactions(settings);
        for (const std::string& one : names.value_or(Names())) {
            environment.output.result(one + "\n");
        }
        return ExitCode::ok;
    }

private:
    std::string m_what;
};

}  // namespace

std::unique_ptr<Command> make_completion() { return std::make_unique<Completion>(); }

}  // namespace vmferry::cli
