#include "cli/help.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/wrap.hpp"

namespace vmferry::cli {

namespace {

constexpr size_t k_width = 80;
constexpr size_t k_text_column = 25;

constexpr const char* k_first_examples = "  vmferry precheck web1 kvm2     can web1 be moved to kvm2?\n"
                                         "  vmferry migrate web1 kvm2      move it, live; any failure puts it back\n"
                                         "  vmferry rollback 01939f3c      settle or undo that transaction\n";

std::string command_list(const Commands& commands)
{
    std::string text;
    for (const auto& command : commands) {
        text += fmt::format("  {:<11} {}\n", command->name(), command->summary());
    }
    return text;
}

/// "-c, --connect HOST". What CLI11 appends to the name of a value (":INT in [1 - 255]") is for its own messages.
std::string option_name(const CLI::Option& option)
{
    std::string name = option.get_name(option.get_positional(), true);
    if (const size_t comma = name.find(','); comma != std::string::npos) {
        name.insert(comma + 1, " ");
    }
    if (!option.get_positional() && option.get_type_size() != 0) {
        const std::string value = option.get_type_name();
        name += " " + value.substr(0, value.find(':'));
    }
    return name;
}

/// The text in a column of its own; below a name that is too long for its own.
std::string option_list(const CLI::App& app)
{
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        const std::string name = option_name(*option);
        const std::string lines = wrapped(option->get_description(), k_width, k_text_column);
        const bool fits = name.size() + 3 < k_text_column;
        text += fits ? fmt::format("  {:<{}}{}", name, k_text_column - 2, lines.substr(k_text_column))
                     : fmt::format("  {}\n{}", name, lines);
    }
    return text;
}

}  // namespace

std::string short_help_text(const Commands& commands)
{
    std::string names;
    for (const auto& command : commands) {
        names += std::string(command->name()) + ", ";
    }
    return std::string(k_first_examples) + "\n" + wrapped("commands: " + names + "help", k_width, 0) +
           "\nvmferry --help says what each is for, vmferry COMMAND --help more.\n";
}

std::string help_text(const CLI::App& app, const Commands& commands)
{
    return std::string(k_first_examples) +
           "\nMoves libvirt/KVM virtual machines between hosts as transactions.\n\n"
           "usage: vmferry COMMAND [OPTION...]\n\ncommands:\n" +
           command_list(commands) + "\noptions of all commands:\n" + option_list(app) +
           "\nmanual: man vmferry, man vmferry.conf, man vmferry-recovery\n";
}

std::string command_help_text(const Command& command, const CLI::App& own, const CLI::App& common)
{
    return fmt::format("{}\n{}.\n\nusage: vmferry {} {}\n\n{}\noptions of all commands:\n{}", command.examples(),
                       command.summary(), command.name(), command.synopsis(), option_list(own), option_list(common));
}

}  // namespace vmferry::cli
