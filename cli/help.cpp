#include "cli/help.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/wrap.hpp"

namespace vmferry::cli {

namespace {

constexpr size_t k_width = 80;

constexpr const char* k_first_examples = "  vmferry precheck web1 kvm2     can web1 be moved to kvm2?\n"
                                         "  vmferry migrate web1 kvm2      move it, live; any failure puts it back\n"
                                         "  vmferry rollback 01939f3c      settle or undo that transaction\n";

std::string command_list(const Commands& commands)
{
    std::string text;
    for (const auto& command : commands) {
        text += fmt::format("  {:<10} {}\n", command->name(), command->summary());
    }
    return text;
}

std::string option_list(const CLI::App& app)
{
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        std::string name = option->get_name(option->get_positional(), true);
        if (!option->get_positional() && option->get_type_size() != 0) {
            name += " " + option->get_type_name();
        }
        text += fmt::format("  {:<22} {}\n", name, option->get_description());
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
           command_list(commands) + "\noptions of all commands:\n" + option_list(app);
}

std::string command_help_text(const Command& command, const CLI::App& own, const CLI::App& common)
{
    return fmt::format("{}\n{}.\n\nusage: vmferry {} {}\n\n{}\noptions of all commands:\n{}", command.examples(),
                       command.summary(), command.name(), command.synopsis(), option_list(own), option_list(common));
}

}  // namespace vmferry::cli
