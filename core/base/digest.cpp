#include "core/base/digest.hpp"

#include <array>

#include "core/base/assert.hpp"
#include "core/base/crypto.hpp"
#include "core/base/libcrypto.hpp"

namespace vmferry {

std::string hex_of(std::string_view bytes)
{
    static constexpr char k_hex[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        hex.push_back(k_hex[static_cast<unsigned char>(byte) >> 4]);
        hex.push_back(k_hex[static_cast<unsigned char>(byte) & 0x0f]);
    }
    return hex;
}

std::string sha256_hex(std::string_view bytes)
{
    start_crypto();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    const int ok =
        libcrypto().EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, libcrypto().EVP_sha256(), nullptr);
    VMF_ASSERT(ok == 1);
    return hex_of({reinterpret_cast<const char*>(digest.data()), length});
}

std::string canonical_digest(const Json& value) { return sha256_hex(dump_json(value)); }

}  // namespace vmferry
