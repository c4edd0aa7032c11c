#include "core/base/foreign_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace vmferry {

namespace {

struct CodePoint {
    uint32_t value = 0;
    size_t bytes = 0;  ///< 0: what stands there is not UTF-8.
};

/// How many bytes a character has that begins with this one; 0: none does.
size_t length_of(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0) {
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        return 3;
    }
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

CodePoint first_of(std::string_view text)
{
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const size_t length = length_of(byte(0));
    if (length == 0 || length > text.size()) {
        return {};
    }
    uint32_t value = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    return overlong || surrogate || value > 0x10ffff ? CodePoint{} : CodePoint{value, length};
}

bool steers(uint32_t value)
{
    const bool control = value < 0x20 || (value >= 0x7f && value < 0xa0);
    const bool line_end = value == 0x2028 || value == 0x2029;
    const bool direction = value == 0x061c || value == 0x200e || value == 0x200f ||
                           (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069);
    return control || line_end || direction;
}

}  // namespace

std::string harmless(std::string_view text, size_t bytes_max)
{
    std::string out;
    while (!text.empty()) {
        const CodePoint one = first_of(text);
        const size_t taken = one.bytes == 0 ? 1 : one.bytes;
        std::string piece(text.substr(0, taken));
        if (one.bytes == 0 || steers(one.value)) {
            std::string written;
            for (const char byte : piece) {
                written += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
            }
            piece = std::move(written);
        }
        if (out.size() + piece.size() > bytes_max) {
            return out + "...";
        }
        out += piece;
        text.remove_prefix(taken);
    }
    return out;
}

}  // namespace vmferry
