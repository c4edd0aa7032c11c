// The hash chain and the digests: how a journal proves that it is what was written.
//
// - An entry's hash covers the hash before it and every field of its own, byte for byte as stored.
// - Every row of every other table carries a digest of itself.
// - So every read can tell whether what it got is what was written, without trusting the file.
//
// The serialisation that is hashed is described in FORMAT.md; it never changes for a released schema.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "journal/entry.hpp"
#include "journal/store.hpp"

namespace vmferry::journal {

/// The hash before the first entry.
inline constexpr std::string_view k_no_hash = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry as it is stored and hashed.
struct Row {
    int64_t sequence = 0;
    std::string transaction;
    int64_t ordinal = 0;  ///< 1, 2, 3... within its transaction.
    std::string kind;
    std::string object;
    std::string body;   ///< JSON text.
    std::string actor;  ///< JSON text.
    int64_t at_ms = 0;
    std::string previous_hash;
    std::string hash;
};

/// Where the chain ends.
struct ChainHead {
    int64_t sequence = 0;
    std::string hash{k_no_hash};
    int64_t transactions = 0;
};

/// What `row.hash` must be. `head_digest` is that of the transaction for a BEGIN, and empty otherwise.
[[nodiscard]] std::string hash_of(const Row& row, std::string_view head_digest);

[[nodiscard]] std::string digest_of(const TransactionHead& head);
[[nodiscard]] std::string digest_of(const ChainHead& head);

/// Kind `journal` when the texts of a row are not what a journal holds.
[[nodiscard]] Result<Entry> to_entry(const Row& row);
[[nodiscard]] Row to_row(const Entry& entry, int64_t ordinal);

/// Fields joined so that no two different lists of fields give the same bytes ("3:abc,2:xy,").
class Netstrings {
public:
    Netstrings& add(std::string_view field);
    Netstrings& add(int64_t number);
    [[nodiscard]] std::string digest() const;

private:
    std::string m_bytes;
};

}  // namespace vmferry::journal
