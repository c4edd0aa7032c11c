// vmferry config show | check

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/report.hpp"
#include "cli/setting_origins.hpp"
#include "cli/suggest.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

constexpr std::string_view k_config_schema = "vmferry.config/1";

class ConfigCommand final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "config"; }
    [[nodiscard]] std::string_view summary() const override { return "show the settings and where they come from"; }
    [[nodiscard]] std::string_view synopsis() const override { return "show|check [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry config show\n"
               "  vmferry config show --origin         default, file and line, environment, or option\n"
               "  vmferry config check                 78 and the place of the first mistake\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_config_schema; }

    void declare(OptionSet& options) override
    {
        options.argument("show|check", m_act, true, "print the settings, or only say whether the files are right");
        options.flag("--origin", m_origin, "say for each setting where it comes from");
    }

    [[nodiscard]] Result<> prepare(const Settings& /*settings*/) override
    {
        if (m_act != "show" && m_act != "check") {
            return fail(Error(ErrorKind::usage, fmt::format("'{}' is not one of show, check{}", m_act,
                                                            did_you_mean(m_act, {"show", "check"})))
                            .with_next("vmferry config --help"));
        }
        if (m_origin && m_act == "check") {
            return fail(Error(ErrorKind::usage, "--origin belongs to show").with_next("vmferry config show --origin"));
        }
        return {};
    }

    /// A mistake in the files has been told before: settings are read before any command runs.
    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        const Settings& settings = environment.settings;
        if (settings.globals.format == Format::json) {
            environment.output.result(dump_line(as_json(settings)));
        } else if (m_act == "show") {
            environment.output.result(as_text(settings));
        } else if (settings.globals.verbosity >= 0) {
            const auto& files = settings.config.files;
            environment.output.result(files.empty() ? std::string("There is no configuration file; defaults hold.\n")
                                                    : fmt::format("No mistake in {}.\n", fmt::join(files, ", ")));
        }
        return ExitCode::ok;
    }

private:
    [[nodiscard]] std::string as_text(const Settings& settings) const
    {
        std::string text;
        for (const ShownSetting& one : shown_settings(settings)) {
            text += fmt::format("{} = {}{}\n", one.name, one.value, m_origin ? "   # " + one.origin : "");
        }
        return text;
    }

    [[nodiscard]] static OrderedJson as_json(const Settings& settings)
    {
        OrderedJson json;
        json["schema"] = k_config_schema;
        json["files"] = settings.config.files;
        json["settings"] = OrderedJson::array();
        for (const ShownSetting& one : shown_settings(settings)) {
            json["settings"].push_back({{"name", one.name}, {"value", one.value}, {"origin", one.origin}});
        }
        return json;
    }

    std::string m_act;
    bool m_origin = false;
};

}  // namespace

std::unique_ptr<Command> make_config() { return std::make_unique<ConfigCommand>(); }

}  // namespace vmferry::cli
