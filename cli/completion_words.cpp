#include "cli/completion_words.hpp"

#include <array>
#include <utility>

namespace vmferry::cli {

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string choice(const std::string& value) { return replaced(value, "|", " "); }

std::string_view completed_by(std::string_view value)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> k_kinds{{
        {"HOST", "hosts"},
        {"DEST", "hosts"},
        {"HOST,...", "hosts"},
        {"VM", "vms"},
        {"VM... DEST", "vms"},
        {"TX", "transactions"},
        {"CODE", "codes"},
        {"ID,...", "codes"},
        {"FILE", "files"},
        {"KEY", "files"},
        {"WHERE", "files"},
        {"DATASTORE", "files"},
    }};
    for (const auto& [name, kind] : k_kinds) {
        if (name == value) {
            return kind;
        }
    }
    return value.find('|') != std::string_view::npos ? "words" : "";
}

}  // namespace vmferry::cli
