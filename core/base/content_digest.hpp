// Digest of what an image holds, whatever of it is written and whatever a hole.
//
// The content is cut into blocks of 64 KiB. Hashed is, for each block that has a byte other than zero, its number (8
// bytes, the lowest first) and its bytes; then the length of the whole (8 bytes). So two images have the same digest
// when a reader finds the same bytes in them, and a hole costs nothing.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vmferry {

/// Fed in order, from the first byte to the last. Not for several threads at once.
class ContentDigest {
public:
    ContentDigest();
    ~ContentDigest();
    ContentDigest(const ContentDigest&) = delete;
    ContentDigest& operator=(const ContentDigest&) = delete;

    void data(const char* bytes, uint64_t length);
    /// So many bytes that read as zero.
    void hole(uint64_t length);
    /// The SHA-256, lower-case hexadecimal. Once, and nothing after it.
    [[nodiscard]] std::string finish();

private:
    struct Hash;
    void fill(const char* bytes, uint64_t length);
    void take_block(const char* bytes, uint64_t length);

    std::unique_ptr<Hash> m_hash;
    std::vector<char> m_partial;  ///< Of the block that is not complete yet.
    uint64_t m_length = 0;
};

}  // namespace vmferry
