#include "cli/palette.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace vmferry::cli {

namespace {

std::string_view environment(const char* variable)
{
    const char* value = std::getenv(variable);
    return value == nullptr ? std::string_view() : value;
}

}  // namespace

Palette Palette::of(int fd, ColorWhen when)
{
    if (when != ColorWhen::automatic) {
        return Palette(when == ColorWhen::always);
    }
    if (!environment("NO_COLOR").empty()) {
        return Palette(false);
    }
    const std::string_view force = environment("CLICOLOR_FORCE");
    if (!force.empty() && force != "0") {
        return Palette(true);
    }
    const std::string_view term = environment("TERM");
    return Palette(!term.empty() && term != "dumb" && ::isatty(fd) == 1);
}

std::string Palette::paint(Tone tone, std::string_view text) const
{
    constexpr int k_codes[] = {32, 33, 31};
    return m_on ? fmt::format("\033[{}m{}\033[0m", k_codes[static_cast<int>(tone)], text) : std::string(text);
}

}  // namespace vmferry::cli
