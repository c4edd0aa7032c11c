// Goal: two images have the same digest exactly when a reader finds the same bytes in them.
// Method: one content, cut and dug in many ways; then contents that differ in one byte, or by a move of it.

#include "core/base/content_digest.hpp"

#include <gtest/gtest.h>

#include <random>

namespace vmferry {
namespace {

constexpr size_t k_block = size_t{64} * 1024;

std::string digest_of(const std::string& content)
{
    ContentDigest digest;
    digest.data(content.data(), content.size());
    return digest.finish();
}

/// In pieces of random length; what is zero is told as a hole or as bytes, by chance.
std::string digest_in_pieces(const std::string& content, unsigned seed)
{
    std::mt19937 random(seed);
    ContentDigest digest;
    size_t at = 0;
    while (at < content.size()) {
        const size_t most = std::min<size_t>(content.size() - at, 1 + random() % (3 * k_block));
        const size_t data = content.find_first_not_of('\0', at);
        const size_t zeros = std::min(data == std::string::npos ? content.size() - at : data - at, most);
        if (zeros > 0 && random() % 2 == 0) {
            digest.hole(zeros);
            at += zeros;
            continue;
        }
        digest.data(content.data() + at, most);
        at += most;
    }
    return digest.finish();
}

std::string sparse_content()
{
    std::string content(10 * k_block + 100, '\0');
    for (size_t i = 0; i < k_block / 2; ++i) {
        content[3 * k_block - 50 + i] = static_cast<char>(1 + i % 200);
        content[7 * k_block + i] = static_cast<char>(1 + i % 99);
    }
    content.back() = 'x';
    return content;
}

TEST(ContentDigest, PiecesAndHolesDoNotMatter)
{
    const std::string content = sparse_content();
    const std::string whole = digest_of(content);
    EXPECT_EQ(whole.size(), 64U);
    for (unsigned seed = 0; seed < 200; ++seed) {
        ASSERT_EQ(digest_in_pieces(content, seed), whole) << "seed " << seed;
    }
}

TEST(ContentDigest, EachByteMatters)
{
    const std::string content = sparse_content();
    const std::string whole = digest_of(content);
    for (const size_t at : {size_t{0}, k_block - 1, k_block, 3 * k_block, 7 * k_block + 9, content.size() - 1}) {
        std::string other = content;
        other[at] = static_cast<char>(other[at] ^ 1);
        EXPECT_NE(digest_of(other), whole) << at;
    }
}

TEST(ContentDigest, PlaceAndLengthMatter)
{
    std::string early(4 * k_block, '\0');
    std::string late = early;
    early[0] = late[2 * k_block] = 'a';
    EXPECT_NE(digest_of(early), digest_of(late));
    EXPECT_NE(digest_of(std::string(k_block, '\0')), digest_of(std::string(2 * k_block, '\0')));
    EXPECT_NE(digest_of(""), digest_of(std::string(1, '\0')));
}

TEST(ContentDigest, OfNothingIsTheHashOfItsLength)
{
    // printf '\0\0\0\0\0\0\0\0' | sha256sum
    EXPECT_EQ(digest_of(""), "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc");
}

}  // namespace
}  // namespace vmferry
