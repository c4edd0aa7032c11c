#include "cli/suggest.hpp"

#include <algorithm>
#include <utility>

namespace vmferry::cli {

namespace {

/// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other.
size_t distance(std::string_view from, std::string_view to)
{
    std::vector<size_t> before_last;
    std::vector<size_t> last(to.size() + 1);
    std::vector<size_t> row(to.size() + 1);
    for (size_t j = 0; j <= to.size(); ++j) {
        last[j] = j;
    }
    for (size_t i = 1; i <= from.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= to.size(); ++j) {
            const size_t replace = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = std::exchange(last, row);
    }
    return last[to.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known)
{
    std::string best;
    size_t least = std::max<size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const size_t edits = distance(word, candidate);
        if (edits < least) {
            least = edits;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known)
{
    const std::string best = nearest(word, known);
    return best.empty() ? std::string() : "; did you mean '" + best + "'?";
}

}  // namespace vmferry::cli
