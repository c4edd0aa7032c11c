// What was declared to the parser, as data: for completion scripts.

#include <CLI/CLI.hpp>

#include "cli/global_options.hpp"
#include "cli/options.hpp"

namespace vmferry::cli {

namespace {

OptionWords described(const CLI::Option& option)
{
    OptionWords words;
    words.positional = option.get_positional();
    words.repeated = option.get_items_expected_max() > 1;
    words.description = option.get_description();
    words.value = words.positional ? option.get_name(true) : option.get_type_size() == 0 ? "" : option.get_type_name();
    for (const std::string& name : option.get_snames()) {
        words.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        words.names.push_back("--" + name);
    }
    return words;
}

}  // namespace

std::vector<CommandWords> described_commands()
{
    const Commands commands = all_commands();
    CLI::App root("", "vmferry");
    root.set_help_flag();
    Globals globals;
    Words words;
    declare_globals(root, globals, words);
    for (const auto& command : commands) {
        declare_options(*add_command(root, *command), *command);
    }
    add_help(root, words);
    std::vector<CommandWords> described_apps;
    const auto add = [&](const CLI::App& app, const std::string& name) {
        CommandWords one{name, app.get_description(), {}};
        for (const CLI::Option* option : app.get_options()) {
            one.options.push_back(described(*option));
        }
        described_apps.push_back(std::move(one));
    };
    add(root, "");
    for (const CLI::App* app : root.get_subcommands(nullptr)) {
        add(*app, app->get_name());
    }
    return described_apps;
}

}  // namespace vmferry::cli
