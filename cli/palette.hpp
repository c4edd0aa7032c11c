// Colours, where the reader has them. Never the only carrier of a meaning: the word is always there.

#pragma once

#include <string>
#include <string_view>

#include "cli/settings.hpp"

namespace vmferry::cli {

enum class Tone { good, warning, bad };

class Palette {
public:
    explicit Palette(bool on) : m_on(on) {}
    /// --color, then NO_COLOR, CLICOLOR_FORCE and TERM, then whether `fd` is a terminal.
    [[nodiscard]] static Palette of(int fd, ColorWhen when);
    [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

private:
    bool m_on;
};

}  // namespace vmferry::cli
