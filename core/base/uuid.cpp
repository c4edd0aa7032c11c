#include "core/base/uuid.hpp"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>

#include "core/base/assert.hpp"

namespace vmferry {

Result<Uuid> Uuid::parse(std::string_view text)
{
    if (text.size() != 36) {
        return fail(ErrorKind::usage, "'" + std::string(text) + "' is not a UUID");
    }
    std::string lower;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const auto c = static_cast<unsigned char>(text[i]);
        if (dash ? c != '-' : std::isxdigit(c) == 0) {
            return fail(ErrorKind::usage, "'" + std::string(text) + "' is not a UUID");
        }
        lower.push_back(static_cast<char>(std::tolower(c)));
    }
    return Uuid(std::move(lower));
}

Uuid Uuid::make_v7()
{
    std::array<unsigned char, 16> bytes{};
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    VMF_ASSERT(got == static_cast<ssize_t>(bytes.size()));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    auto ms = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    for (int i = 5; i >= 0; --i) {
        bytes[static_cast<size_t>(i)] = static_cast<unsigned char>(ms & 0xff);
        ms >>= 8;
    }
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x70);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    static constexpr char k_hex[] = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text.push_back('-');
        }
        text.push_back(k_hex[bytes[i] >> 4]);
        text.push_back(k_hex[bytes[i] & 0x0f]);
    }
    return Uuid(std::move(text));
}

}  // namespace vmferry
