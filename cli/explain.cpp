// vmferry explain [CODE]

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/codes.hpp"
#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/report.hpp"
#include "cli/suggest.hpp"
#include "cli/wrap.hpp"
#include "core/checks/check.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

constexpr std::string_view k_explain_schema = "vmferry.explain/1";
constexpr size_t k_width = 80;

/// A check or an error, in one shape.
struct Explanation {
    std::string id;
    std::string kind;  ///< "check" or "error".
    std::string title;
    std::string text;  ///< Meaning, cause and what to do.
};

Explanation of_check(const checks::Topic& topic)
{
    return {std::string(topic.id), "check", std::string(topic.title), std::string(topic.explanation)};
}

Explanation of_error(const Code& code)
{
    return {std::string(code.id), "error", std::string(code.title),
            fmt::format("{}\n\nCause: {}\n\nWhat to do: {}", code.meaning, code.cause, code.remedy)};
}

std::vector<Explanation> all_explanations()
{
    std::vector<Explanation> all;
    for (const Code& code : error_codes()) {
        all.push_back(of_error(code));
    }
    for (const checks::Topic& topic : checks::all_topics()) {
        all.push_back(of_check(topic));
    }
    std::sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
    return all;
}

/// "vmf-e066" and "e066" mean VMF-E066.
std::string canonical(std::string code)
{
    std::transform(code.begin(), code.end(), code.begin(),
                   [](char one) { return static_cast<char>(std::toupper(static_cast<unsigned char>(one))); });
    return code.starts_with("VMF-") ? code : "VMF-" + code;
}

std::string explanation_text(const Explanation& one)
{
    std::string text = fmt::format("{}: {}\n", one.id, one.title);
    for (size_t begin = 0; begin < one.text.size();) {
        const size_t end = std::min(one.text.find("\n\n", begin), one.text.size());
        text += "\n" + wrapped(std::string_view(one.text).substr(begin, end - begin), k_width, 2);
        begin = end + 2;
    }
    return text;
}

OrderedJson explanation_json(const std::vector<Explanation>& explanations)
{
    OrderedJson json;
    json["schema"] = k_explain_schema;
    json["codes"] = OrderedJson::array();
    for (const Explanation& one : explanations) {
        json["codes"].push_back({{"id", one.id}, {"kind", one.kind}, {"title", one.title}, {"text", one.text}});
    }
    return json;
}

class Explain final : public Command {
public:
    [[nodiscard]] std::string_view name() const override { return "explain"; }
    [[nodiscard]] std::string_view summary() const override { return "what a code like VMF-S014 means"; }
    [[nodiscard]] std::string_view synopsis() const override { return "[CODE] [OPTION...]"; }
    [[nodiscard]] std::string_view examples() const override
    {
        return "  vmferry explain VMF-S014\n"
               "  vmferry explain e030\n"
               "  vmferry explain                      all codes\n";
    }
    [[nodiscard]] bool guarded() const override { return false; }
    [[nodiscard]] std::string_view schema() const override { return k_explain_schema; }
    void declare(OptionSet& options) override { options.argument("CODE", m_code, false, "VMF-S014, or S014"); }

    [[nodiscard]] ExitCode run(Environment& environment) override
    {
        const auto chosen = choose();
        if (!chosen) {
            tell_error(environment, k_explain_schema, chosen.error());
            return engine::exit_code_untouched(chosen.error().kind());
        }
        std::string text;
        if (environment.settings.globals.format == Format::json) {
            text = dump_line(explanation_json(*chosen));
        } else if (m_code.empty()) {
            for (const Explanation& one : *chosen) {
                text += fmt::format("{}  {}\n", one.id, one.title);
            }
        } else {
            text = explanation_text(chosen->front());
        }
        environment.output.result(text);
        return ExitCode::ok;
    }

private:
    [[nodiscard]] Result<std::vector<Explanation>> choose() const
    {
        std::vector<Explanation> all = all_explanations();
        if (m_code.empty()) {
            return all;
        }
        const std::string code = canonical(m_code);
        std::vector<std::string> known;
        for (const Explanation& one : all) {
            if (one.id == code) {
                return std::vector{one};
            }
            known.push_back(one.id);
        }
        return fail(Error(ErrorKind::not_found, fmt::format("no code '{}'{}", m_code, did_you_mean(code, known)))
                        .with_next("vmferry explain   lists all codes"));
    }

    std::string m_code;
};

}  // namespace

std::unique_ptr<Command> make_explain() { return std::make_unique<Explain>(); }

}  // namespace vmferry::cli
