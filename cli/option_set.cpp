// What commands may declare, on top of CLI11.

#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

void OptionSet::flag(const std::string& names, bool& into, const std::string& description)
{
    m_app.add_flag(names, into, description);
}

void OptionSet::text(const std::string& names, std::string& into, const std::string& value,
                     const std::string& description)
{
    m_app.add_option(names, into, description)->type_name(value)->check([](const std::string& text) {
        return text.empty() ? std::string("must not be empty") : std::string();
    });
}

void OptionSet::list(const std::string& names, std::vector<std::string>& into, const std::string& value,
                     const std::string& description)
{
    m_app.add_option(names, into, description)->type_name(value)->delimiter(',')->allow_extra_args(false);
}

void OptionSet::parsed(const std::string& names, const std::string& value,
                       std::function<Result<>(const std::string&)> take, const std::string& description)
{
    const auto parse = [take = std::move(take)](const CLI::results_t& values) {
        if (const auto taken = take(values.front()); !taken) {
            throw CLI::ValidationError(taken.error().what());
        }
        return true;
    };
    m_app.add_option(names, parse, description)->type_name(value)->expected(1);
}

void OptionSet::each(const std::string& names, const std::string& value,
                     std::function<Result<>(const std::string&)> take, const std::string& description)
{
    const auto parse = [take = std::move(take)](const CLI::results_t& values) {
        for (const std::string& one : values) {
            if (const auto taken = take(one); !taken) {
                throw CLI::ValidationError(taken.error().what());
            }
        }
        return true;
    };
    m_app.add_option(names, parse, description)->type_name(value)->allow_extra_args(false)->take_all();
}

void OptionSet::duration(const std::string& names, std::optional<Milliseconds>& into, const std::string& description)
{
    const auto take = [&into](const std::string& text) -> Result<> {
        VMF_TRY_ASSIGN(into, parse_duration(text));
        return {};
    };
    parsed(names, "TIME", take, description);
}

void OptionSet::number(const std::string& names, int& into, int least, int most, const std::string& description)
{
    m_app.add_option(names, into, description)->type_name("N")->check(CLI::Range(least, most));
}

void OptionSet::argument(const std::string& name, std::string& into, bool required, const std::string& description)
{
    m_app.add_option(name, into, description)->required(required);
}

void OptionSet::arguments(const std::string& name, std::vector<std::string>& into, int least,
                          const std::string& description)
{
    m_app.add_option(name, into, description)->required()->expected(least, 1 << 16);
}

}  // namespace vmferry::cli
