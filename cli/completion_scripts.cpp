#include "cli/completion_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/completion_words.hpp"

namespace vmferry::cli {

namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : std::string(between)) + word;
    }
    return text;
}

std::vector<OptionWords> options_of(const CommandWords& command, bool positional)
{
    std::vector<OptionWords> options;
    std::copy_if(command.options.begin(), command.options.end(), std::back_inserter(options),
                 [&](const OptionWords& one) { return one.positional == positional; });
    return options;
}

/// What completes a value, as an act of the script's functions: "_vmferry_names hosts".
std::string act_of(const std::string& value)
{
    const std::string_view by = completed_by(value);
    if (by == "words") {
        return fmt::format("_vmferry_words {}", choice(value));
    }
    if (by == "files") {
        return "_vmferry_files";
    }
    return by.empty() ? "_vmferry_nothing" : fmt::format("_vmferry_names {}", by);
}

/// `case` arms "migrate\ --config | migrate\ -c) ACT ;;" for the values of options.
std::string value_arms(const std::vector<CommandWords>& commands)
{
    std::string text;
    for (const CommandWords& command : commands) {
        for (const OptionWords& option : options_of(command, false)) {
            if (option.value.empty()) {
                continue;
            }
            std::vector<std::string> patterns;
            for (const std::string& name : option.names) {
                patterns.push_back(command.name.empty() ? "*' " + name + "'" : quoted(command.name + " " + name));
            }
            text += fmt::format("    {}) {}; return ;;\n", joined(patterns, " | "), act_of(option.value));
        }
    }
    return text;
}

/// The same for positional words: "'migrate 1') ...".
std::string word_arms(const std::vector<CommandWords>& commands)
{
    std::string text;
    for (const CommandWords& command : commands) {
        int place = 0;
        for (const OptionWords& word : options_of(command, true)) {
            const std::string number = word.repeated ? "*" : std::to_string(++place);
            text += fmt::format("    {}{}) {} ;;\n", quoted(command.name + " "), number, act_of(word.value));
        }
    }
    return text;
}

std::vector<std::string> names_with_values(const std::vector<CommandWords>& commands)
{
    std::vector<std::string> names;
    for (const CommandWords& command : commands) {
        for (const OptionWords& option : options_of(command, false)) {
            if (!option.value.empty()) {
                names.insert(names.end(), option.names.begin(), option.names.end());
            }
        }
    }
    return names;
}

/// Which command, which positional word, which -c: common to bash and zsh.
constexpr const char* k_walk = R"sh(    local command='' place=0 source='' skip='' word
    for word in "${words[@]:1:$((at - 1))}"; do
        if [[ -n $skip ]]; then
            [[ $skip == -c || $skip == --connect ]] && source=$word
            skip=''
        elif [[ $word == -* ]]; then
            case " @VALUED@ " in *" $word "*) skip=$word ;; esac
        elif [[ -z $command ]]; then
            command=$word
        else
            place=$((place + 1))
        fi
    done
    place=$((place + 1))
    case "$command $previous" in
@VALUES@    esac
    if [[ $current == -* ]]; then
        case $command in
@OPTIONS@        esac
        return
    fi
    if [[ -z $command ]]; then
        _vmferry_commands
        return
    fi
    case "$command $place" in
@WORDS@    esac
)sh";

constexpr const char* k_bash = R"sh(# bash completion for vmferry(1); made by: vmferry completion bash
_vmferry_words() { COMPREPLY=($(compgen -W "$*" -- "$current")); }
_vmferry_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); }
_vmferry_nothing() { COMPREPLY=(); }
_vmferry_names() { _vmferry_words "$("${words[0]}" completion "$1" ${source:+-c "$source"} 2>/dev/null)"; }
_vmferry_commands() { _vmferry_words @COMMANDS@; }
_vmferry() {
    local words=("${COMP_WORDS[@]}") at=$COMP_CWORD
    local current=${words[at]} previous=${words[at - 1]}
    COMPREPLY=()
@WALK@}
complete -F _vmferry vmferry
)sh";

constexpr const char* k_zsh = R"sh(#compdef vmferry
# zsh completion for vmferry(1); made by: vmferry completion zsh
_vmferry_words() { compadd -- "$@"; }
_vmferry_files() { _files; }
_vmferry_nothing() { :; }
_vmferry_names() { compadd -- ${(f)"$("$program" completion "$1" ${source:+-c} ${source:+"$source"} 2>/dev/null)"}; }
_vmferry_commands() {
    local -a known=(@COMMANDS@)
    _describe command known
}
_vmferry_options() {
    local -a known=("$@")
    _describe -o option known
}
_vmferry() {
    local at=$((CURRENT - 1)) program=$words[1] current=$words[CURRENT] previous=$words[CURRENT-1]
@WALK@}
_vmferry "$@"
)sh";

std::string bash_options(const std::vector<CommandWords>& commands)
{
    std::string text;
    std::string common;
    for (const CommandWords& command : commands) {
        std::vector<std::string> names;
        for (const OptionWords& option : options_of(command, false)) {
            names.insert(names.end(), option.names.begin(), option.names.end());
        }
        if (command.name.empty()) {
            common = joined(names, " ");
            text += fmt::format("        '') _vmferry_words {} ;;\n", common);
            continue;
        }
        text += fmt::format("        {}) _vmferry_words {} {} ;;\n", command.name, joined(names, " "), common);
    }
    return text;
}

/// "NAME:DESCRIPTION", as _describe wants it.
std::string described(const std::string& name, const std::string& description)
{
    return quoted(replaced(name, ":", "\\:") + ":" + replaced(description, ":", "\\:"));
}

std::string zsh_options(const std::vector<CommandWords>& commands)
{
    std::string text;
    std::string common;
    for (const CommandWords& command : commands) {
        std::vector<std::string> entries;
        for (const OptionWords& option : options_of(command, false)) {
            for (const std::string& name : option.names) {
                entries.push_back(described(name, option.description));
            }
        }
        const std::string own = joined(entries, " ");
        common = command.name.empty() ? own : common;
        text += fmt::format("        {}) _vmferry_options {} {} ;;\n", command.name.empty() ? "''" : command.name, own,
                            command.name.empty() ? "" : common);
    }
    return text;
}

std::string zsh_commands(const std::vector<CommandWords>& commands)
{
    std::vector<std::string> entries;
    for (const CommandWords& command : commands) {
        if (!command.name.empty()) {
            entries.push_back(described(command.name, command.summary));
        }
    }
    return joined(entries, " ");
}

std::string bash_commands(const std::vector<CommandWords>& commands)
{
    std::vector<std::string> names;
    for (const CommandWords& command : commands) {
        if (!command.name.empty()) {
            names.push_back(command.name);
        }
    }
    return joined(names, " ");
}

std::string filled(std::string_view script, const std::vector<CommandWords>& commands, const std::string& options,
                   const std::string& names)
{
    std::string text = replaced(std::string(script), "@WALK@", k_walk);
    text = replaced(std::move(text), "@VALUED@", joined(names_with_values(commands), " "));
    text = replaced(std::move(text), "@VALUES@", value_arms(commands));
    text = replaced(std::move(text), "@WORDS@", word_arms(commands));
    text = replaced(std::move(text), "@OPTIONS@", options);
    return replaced(std::move(text), "@COMMANDS@", names);
}

}  // namespace

std::string completion_script(std::string_view shell, const std::vector<CommandWords>& commands)
{
    if (shell == "bash") {
        return filled(k_bash, commands, bash_options(commands), bash_commands(commands));
    }
    return shell == "zsh" ? filled(k_zsh, commands, zsh_options(commands), zsh_commands(commands))
                          : fish_script(commands);
}

}  // namespace vmferry::cli
