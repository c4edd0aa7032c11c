#include "cli/config_keys.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

Result<std::string> text_of(const toml::node& node)
{
    if (const auto* text = node.as_string(); text != nullptr && !text->get().empty()) {
        return text->get();
    }
    return fail(ErrorKind::config, "expects a text in quotes");
}

/// A text that `parse` makes a value of.
template <typename T, typename Parse>
Key parsed_key(std::string name, std::optional<T>& into, Parse parse)
{
    return {std::move(name), [&into, parse](const toml::node& node) -> Result<> {
                VMF_TRY_ASSIGN(const std::string text, text_of(node));
                VMF_TRY_ASSIGN(into, parse(text));
                return {};
            }};
}

Key count_key(std::string name, std::optional<int>& into, int64_t most)
{
    return {std::move(name), [&into, most](const toml::node& node) -> Result<> {
                const auto count = node.value_exact<int64_t>();
                if (!count || *count < 1 || *count > most) {
                    return fail(ErrorKind::config, fmt::format("expects a number from 1 to {}", most));
                }
                into = static_cast<int>(*count);
                return {};
            }};
}

}  // namespace

Key flag_key(std::string name, std::function<void(bool)> store)
{
    return {std::move(name), [store = std::move(store)](const toml::node& node) -> Result<> {
                const auto on = node.value_exact<bool>();
                if (!on) {
                    return fail(ErrorKind::config, "expects true or false");
                }
                store(*on);
                return {};
            }};
}

Key text_key(std::string name, std::function<void(std::string)> store)
{
    return {std::move(name), [store = std::move(store)](const toml::node& node) -> Result<> {
                VMF_TRY_ASSIGN(std::string text, text_of(node));
                store(std::move(text));
                return {};
            }};
}

Key path_key(std::string name, std::optional<std::string>& into)
{
    return {std::move(name), [&into](const toml::node& node) -> Result<> {
                VMF_TRY_ASSIGN(std::string text, text_of(node));
                if (text.front() != '/') {
                    return fail(ErrorKind::config, "expects an absolute path");
                }
                into = std::move(text);
                return {};
            }};
}

Key duration_key(std::string name, std::optional<Milliseconds>& into)
{
    return parsed_key(std::move(name), into, parse_duration);
}

Key texts_key(std::string name, std::vector<std::string>& into)
{
    return {std::move(name), [&into](const toml::node& node) -> Result<> {
                const toml::array* array = node.as_array();
                if (array == nullptr) {
                    return fail(ErrorKind::config, "expects a list of texts, like [\"VMF-S014\"]");
                }
                into.clear();
                for (const toml::node& one : *array) {
                    VMF_TRY_ASSIGN(std::string text, text_of(one));
                    into.push_back(std::move(text));
                }
                return {};
            }};
}

std::vector<Key> profile_keys(ProfileSettings& settings)
{
    return {parsed_key("timeout", settings.timeout, parse_duration),
            parsed_key("max_downtime", settings.max_downtime, parse_max_downtime),
            parsed_key("stall_timeout", settings.stall_timeout, parse_duration),
            parsed_key("bwlimit", settings.bandwidth_bytes_per_s, parse_bandwidth),
            flag_key("auto_converge", [&settings](bool on) { settings.auto_converge = on; }),
            count_key("parallel", settings.connections, model::k_most_connections),
            parsed_key("on_timeout", settings.on_timeout, parse_on_timeout_word),
            parsed_key("postcopy", settings.postcopy, parse_postcopy_word)};
}

}  // namespace vmferry::cli
