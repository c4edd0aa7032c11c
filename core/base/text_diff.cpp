#include "core/base/text_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace vmferry {

namespace {

constexpr size_t k_context_lines = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text)
{
    Lines lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// One line of the comparison: ' ' in both, '-' in the old, '+' in the new.
struct Edit {
    char sign;
    std::string_view line;
};

/// By the longest common subsequence.
std::vector<Edit> compare(const Lines& old_lines, const Lines& new_lines)
{
    const size_t width = new_lines.size() + 1;
    std::vector<uint32_t> common((old_lines.size() + 1) * width);
    for (size_t i = old_lines.size(); i-- > 0;) {
        for (size_t j = new_lines.size(); j-- > 0;) {
            common[i * width + j] = old_lines[i] == new_lines[j]
                                        ? common[(i + 1) * width + j + 1] + 1
                                        : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
        }
    }
    std::vector<Edit> edits;
    size_t i = 0;
    size_t j = 0;
    while (i < old_lines.size() || j < new_lines.size()) {
        if (i < old_lines.size() && j < new_lines.size() && old_lines[i] == new_lines[j]) {
            edits.push_back({' ', old_lines[i++]});
            ++j;
        } else if (j == new_lines.size() ||
                   (i < old_lines.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            edits.push_back({'-', old_lines[i++]});
        } else {
            edits.push_back({'+', new_lines[j++]});
        }
    }
    return edits;
}

bool is_change(const Edit& edit) { return edit.sign != ' '; }

/// The end of the hunk that begins at `begin`: where more than twice the context is unchanged.
size_t hunk_end(const std::vector<Edit>& edits, size_t begin)
{
    size_t last = begin;
    for (size_t i = begin; i < edits.size() && i <= last + 2 * k_context_lines; ++i) {
        last = is_change(edits[i]) ? i : last;
    }
    return std::min(edits.size(), last + 1 + k_context_lines);
}

/// `first`: how many lines stand before; of an empty range the line before it is named.
std::string range(size_t first, size_t count)
{
    return count == 1 ? fmt::format("{}", first + 1) : fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view old_name, std::string_view old_text, std::string_view new_name,
                         std::string_view new_text)
{
    const std::vector<Edit> edits = compare(lines_of(old_text), lines_of(new_text));
    std::string text;
    size_t old_line = 0;
    size_t new_line = 0;
    for (size_t at = 0; at < edits.size();) {
        const auto change = std::find_if(edits.begin() + static_cast<std::ptrdiff_t>(at), edits.end(), is_change);
        if (change == edits.end()) {
            break;
        }
        const auto changed = static_cast<size_t>(change - edits.begin());
        const size_t begin = std::max(at, changed - std::min(changed, k_context_lines));
        const size_t end = hunk_end(edits, changed);
        old_line += begin - at;
        new_line += begin - at;
        std::string body;
        size_t old_count = 0;
        size_t new_count = 0;
        for (size_t i = begin; i < end; ++i) {
            body += fmt::format("{}{}\n", edits[i].sign, edits[i].line);
            old_count += edits[i].sign != '+' ? 1 : 0;
            new_count += edits[i].sign != '-' ? 1 : 0;
        }
        text += fmt::format("@@ -{} +{} @@\n{}", range(old_line, old_count), range(new_line, new_count), body);
        old_line += old_count;
        new_line += new_count;
        at = end;
    }
    return text.empty() ? text : fmt::format("--- {}\n+++ {}\n{}", old_name, new_name, text);
}

}  // namespace vmferry
