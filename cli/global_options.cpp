#include "cli/global_options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "cli/suggest.hpp"

namespace vmferry::cli {

namespace {

/// A value that is one of a few words.
template <typename T>
CLI::callback_t one_of(T& into, std::vector<std::pair<std::string, T>> words)
{
    return [&into, words = std::move(words)](const CLI::results_t& values) {
        std::vector<std::string> known;
        for (const auto& [word, value] : words) {
            known.push_back(word);
            if (word == values.front()) {
                into = value;
                return true;
            }
        }
        throw CLI::ValidationError(fmt::format("'{}' is not one of {}{}", values.front(), fmt::join(known, ", "),
                                               did_you_mean(values.front(), known)));
    };
}

}  // namespace

void declare_globals(CLI::App& app, Globals& globals, Words& words)
{
    OptionSet options(app);
    options.text("-c,--connect", globals.connect, "HOST",
                 "source host: URI, libvirt alias, or [host.NAME] of the configuration");
    auto* output =
        app.add_option("-o,--output", one_of<Format>(globals.format, {{"text", Format::text}, {"json", Format::json}}),
                       "what is written to stdout");
    output->type_name("text|json")->expected(1);
    app.add_flag("--json", words.json, "the same as -o json")->excludes(output);
    auto* quiet = app.add_flag("-q,--quiet", words.quiet, "errors only");
    app.add_flag("-v,--verbose", words.verbose, "say more; -vv: every step")->excludes(quiet);
    app.add_option("--color",
                   one_of<ColorWhen>(
                       globals.color,
                       {{"auto", ColorWhen::automatic}, {"always", ColorWhen::always}, {"never", ColorWhen::never}}),
                   "colours, where the terminal has them")
        ->type_name("auto|always|never")
        ->expected(1);
    options.text("--config", globals.config_file, "FILE", "read this configuration and no other");
    options.text("--journal", globals.journal, "FILE", "keep the journal here");
    options.text("--log-file", globals.log_file, "FILE", "append the log to this file, whatever -q and -v say");
    app.add_flag("-h,--help", words.help, "show help");
    app.add_flag("--version", words.version, "show the version");
}

CLI::App* add_help(CLI::App& app, Words& words)
{
    CLI::App* help = app.add_subcommand("help", "show help");
    help->set_help_flag();
    help->add_option("COMMAND", words.topic, "of this command");
    return help;
}

CLI::App* add_command(CLI::App& app, const Command& command)
{
    CLI::App* added = app.add_subcommand(std::string(command.name()), std::string(command.summary()));
    added->set_help_flag();
    return added;
}

void declare_options(CLI::App& app, Command& command)
{
    OptionSet options(app);
    command.declare(options);
}

}  // namespace vmferry::cli
