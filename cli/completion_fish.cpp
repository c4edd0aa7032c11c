// fish wants one line for each option.

#include <fmt/format.h>

#include "cli/completion_words.hpp"

namespace vmferry::cli {

namespace {

std::string fish_value(const std::string& value)
{
    const std::string_view by = completed_by(value);
    if (by == "files") {
        return " -r -F";
    }
    if (by == "words") {
        return fmt::format(" -x -a {}", quoted(choice(value)));
    }
    return by.empty() ? " -x" : fmt::format(" -x -a '(vmferry completion {} 2>/dev/null)'", by);
}

std::string fish_option(const std::string& condition, const OptionWords& option)
{
    std::string line = "complete -c vmferry" + condition;
    if (option.positional) {
        return line + fmt::format(" -f{}\n", replaced(fish_value(option.value), " -x", ""));
    }
    for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    return line + (option.value.empty() ? "" : fish_value(option.value)) + " -d " + quoted(option.description) + "\n";
}

}  // namespace

std::string fish_script(const std::vector<CommandWords>& commands)
{
    std::string text = "# fish completion for vmferry(1); made by: vmferry completion fish\ncomplete -c vmferry -f\n";
    for (const CommandWords& command : commands) {
        std::string condition;
        if (!command.name.empty()) {
            text += fmt::format("complete -c vmferry -n __fish_use_subcommand -a {} -d {}\n", command.name,
                                quoted(command.summary));
            condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
        }
        for (const OptionWords& option : command.options) {
            text += fish_option(condition, option);
        }
    }
    return text;
}

}  // namespace vmferry::cli
