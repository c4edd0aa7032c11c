#include "core/base/content_digest.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/crypto.hpp"
#include "core/base/digest.hpp"
#include "core/base/libcrypto.hpp"

namespace vmferry {

namespace {

constexpr uint64_t k_block_bytes = uint64_t{64} * 1024;

bool is_all_zero(const char* bytes, uint64_t length)
{
    return length == 0 || (bytes[0] == 0 && std::memcmp(bytes, bytes + 1, length - 1) == 0);
}

}  // namespace

struct ContentDigest::Hash {
    Hash() : context(libcrypto().EVP_MD_CTX_new())
    {
        VMF_ASSERT(context != nullptr);
        VMF_ASSERT(libcrypto().EVP_DigestInit_ex(context, libcrypto().EVP_sha256(), nullptr) == 1);
    }
    ~Hash() { libcrypto().EVP_MD_CTX_free(context); }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;

    void add(const void* bytes, size_t length)
    {
        VMF_ASSERT(libcrypto().EVP_DigestUpdate(context, bytes, length) == 1);
    }
    void add_number(uint64_t number)
    {
        std::array<unsigned char, 8> bytes{};
        for (unsigned i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<unsigned char>(number >> (8 * i));
        }
        add(bytes.data(), bytes.size());
    }

    EVP_MD_CTX* context;
};

ContentDigest::ContentDigest()
{
    start_crypto();
    m_hash = std::make_unique<Hash>();
}

ContentDigest::~ContentDigest() = default;

void ContentDigest::take_block(const char* bytes, uint64_t length)
{
    if (!is_all_zero(bytes, length)) {
        m_hash->add_number(m_length / k_block_bytes);
        m_hash->add(bytes, length);
    }
    m_length += length;
}

/// Into the block that is not complete yet.
void ContentDigest::fill(const char* bytes, uint64_t length)
{
    m_partial.insert(m_partial.end(), bytes, bytes + length);
    if (m_partial.size() == k_block_bytes) {
        take_block(m_partial.data(), k_block_bytes);
        m_partial.clear();
    }
}

void ContentDigest::data(const char* bytes, uint64_t length)
{
    while (length > 0) {
        if (m_partial.empty() && length >= k_block_bytes) {
            take_block(bytes, k_block_bytes);
            bytes += k_block_bytes;
            length -= k_block_bytes;
            continue;
        }
        const uint64_t piece = std::min(length, k_block_bytes - m_partial.size());
        fill(bytes, piece);
        bytes += piece;
        length -= piece;
    }
}

void ContentDigest::hole(uint64_t length)
{
    static constexpr std::array<char, k_block_bytes> k_zeros{};
    if (!m_partial.empty()) {
        const uint64_t piece = std::min(length, k_block_bytes - m_partial.size());
        fill(k_zeros.data(), piece);
        length -= piece;
    }
    m_length += length / k_block_bytes * k_block_bytes;
    if (length % k_block_bytes != 0) {
        fill(k_zeros.data(), length % k_block_bytes);
    }
}

std::string ContentDigest::finish()
{
    take_block(m_partial.data(), m_partial.size());
    m_partial.clear();
    m_hash->add_number(m_length);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    VMF_ASSERT(libcrypto().EVP_DigestFinal_ex(m_hash->context, digest.data(), &length) == 1);
    return hex_of({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace vmferry
