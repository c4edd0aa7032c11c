#include "journal/proc.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

namespace vmferry::journal {

std::optional<std::string> read_text(const std::string& path)
{
    std::ifstream file(path);
    if (!file) {
        return std::nullopt;
    }
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad()) {
        return std::nullopt;
    }
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

std::string host_name()
{
    // POSIX does not promise a terminator when the name is cut, so the last byte stays zero.
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

}  // namespace vmferry::journal
