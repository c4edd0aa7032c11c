#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "cli/global_options.hpp"
#include "cli/help.hpp"
#include "cli/suggest.hpp"
#include "cli/version.hpp"

namespace vmferry::cli {

namespace {

Reply mistake(const std::string& what, const std::string& command)
{
    return {fmt::format(
                "error VMF-E064: {}\nNothing was touched.\nNothing was created on any host.\nNext: vmferry {}--help\n",
                what, command.empty() ? "" : command + " "),
            engine::ExitCode::usage};
}

std::vector<std::string> option_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::vector<std::string> command_names(const Commands& commands)
{
    std::vector<std::string> names{"help"};
    for (const auto& command : commands) {
        names.emplace_back(command->name());
    }
    return names;
}

/// The first word that nothing understood. Words of a command fall through to the program.
std::string leftover(const CLI::App& app, const CLI::App* chosen)
{
    std::string plain;
    for (const CLI::App* one : {chosen, &app}) {
        for (const std::string& word : one == nullptr ? std::vector<std::string>() : one->remaining()) {
            if (word.size() > 1 && word.front() == '-' && word != "--") {
                return word;
            }
            plain = plain.empty() ? word : plain;
        }
    }
    return plain;
}

Reply unknown_word(const std::string& word, const CLI::App& app, const CLI::App* chosen, const Commands& commands)
{
    const std::string command = chosen == nullptr ? "" : chosen->get_name();
    if (word.front() == '-') {
        std::vector<std::string> known = option_names(app);
        if (chosen != nullptr) {
            const std::vector<std::string> own = option_names(*chosen);
            known.insert(known.end(), own.begin(), own.end());
        }
        return mistake(fmt::format("unknown option '{}'{}", word, did_you_mean(word, known)), command);
    }
    if (chosen != nullptr) {
        return mistake(fmt::format("unexpected argument '{}'", word), command);
    }
    return mistake(fmt::format("unknown command '{}'{}", word, did_you_mean(word, command_names(commands))), "");
}

/// The parser with all that was declared.
class Parser {
public:
    explicit Parser(const Commands& commands) : m_commands(commands)
    {
        m_app.set_help_flag();
        m_app.allow_extras();
        m_app.require_subcommand(0, 1);
        declare_globals(m_app, m_globals, m_words);
        add_help(m_app, m_words)->fallthrough();
        for (const auto& command : commands) {
            CLI::App* app = add_command(m_app, *command);
            app->fallthrough();
            app->allow_extras();
            app->preparse_callback([this, &command](size_t /*words*/) { declare(*command); });
        }
    }

    std::variant<Invocation, Reply> parse(int count, const char* const* words);

private:
    [[nodiscard]] const CLI::App* chosen() const
    {
        const auto chosen = m_app.get_subcommands();
        return chosen.empty() ? nullptr : chosen.front();
    }
    [[nodiscard]] Command* find(const std::string& name) const
    {
        for (const auto& command : m_commands) {
            if (command->name() == name) {
                return command.get();
            }
        }
        return nullptr;
    }
    /// The options of the one command that is called: those of all take longer than what most of them do.
    void declare(Command& command);
    [[nodiscard]] Reply help(const std::string& name);
    [[nodiscard]] std::vector<std::string> given() const;

    const Commands& m_commands;
    CLI::App m_app{"vmferry", "vmferry"};
    Globals m_globals;
    Words m_words;
    const Command* m_declared = nullptr;
};

void Parser::declare(Command& command)
{
    if (m_declared != &command) {
        m_declared = &command;
        declare_options(*m_app.get_subcommand(std::string(command.name())), command);
    }
}

Reply Parser::help(const std::string& name)
{
    Command* command = find(name);
    if (command == nullptr) {
        return {help_text(m_app, m_commands)};
    }
    declare(*command);
    return {command_help_text(*command, *m_app.get_subcommand(name), m_app)};
}

std::vector<std::string> Parser::given() const
{
    std::vector<std::string> names;
    for (const CLI::Option* option : m_app.get_options()) {
        if (option->count() > 0) {
            names.push_back(option->get_single_name());
        }
    }
    for (std::string& name : names) {
        name.insert(0, name.size() == 1 ? "-" : "--");
    }
    return names;
}

/// VMFERRY_OUTPUT, which the option overrides. False: not a format.
bool format_from_environment(Format& into)
{
    const char* variable = std::getenv("VMFERRY_OUTPUT");
    const std::string_view word = variable == nullptr ? "" : variable;
    into = word == "json" ? Format::json : Format::text;
    return word.empty() || word == "json" || word == "text";
}

std::variant<Invocation, Reply> Parser::parse(int count, const char* const* words)
{
    std::string problem;
    if (!format_from_environment(m_globals.format)) {
        problem = "VMFERRY_OUTPUT is neither text nor json";
    }
    try {
        m_app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        problem = error.what();
    }
    const std::string name = chosen() == nullptr ? "" : chosen()->get_name();
    if (m_words.version) {
        return Reply{fmt::format("vmferry {}\n", k_version)};
    }
    const std::string rest = leftover(m_app, chosen());
    if (name == "help" && problem.empty() && rest.empty()) {
        return m_words.topic.empty() || find(m_words.topic) != nullptr
                   ? help(m_words.topic)
                   : unknown_word(m_words.topic, m_app, nullptr, m_commands);
    }
    if (m_words.help) {
        return help(name);
    }
    if (!rest.empty()) {
        return unknown_word(rest, m_app, chosen(), m_commands);
    }
    if (!problem.empty()) {
        return mistake(problem, name);
    }
    if (name.empty()) {
        return Reply{short_help_text(m_commands)};
    }
    m_globals.format = m_words.json ? Format::json : m_globals.format;
    m_globals.verbosity = m_words.quiet ? -1 : m_words.verbose;
    m_globals.options = given();
    return Invocation{find(name), m_globals};
}

}  // namespace

std::variant<Invocation, Reply> parse_command_line(int count, const char* const* words, const Commands& commands)
{
    return Parser(commands).parse(count, words);
}

}  // namespace vmferry::cli
