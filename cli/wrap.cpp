#include "cli/wrap.hpp"

#include <sstream>

namespace vmferry::cli {

std::string wrapped(std::string_view text, size_t width, size_t indent)
{
    std::istringstream words{std::string(text)};
    std::string result;
    std::string line;
    for (std::string word; words >> word;) {
        if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
            result += std::string(indent, ' ') + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? result : result + std::string(indent, ' ') + line + "\n";
}

}  // namespace vmferry::cli
