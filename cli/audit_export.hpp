// The whole journal as a file that proves itself elsewhere: NDJSON, and its signature beside it.

#pragma once

#include <string>

#include "journal/store.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_export_schema = "vmferry.audit-export/1";

struct Exported {
    int64_t entries = 0;
    std::string head_hash;
    std::string signature_file;  ///< Empty: it was not signed.
};

/// Writes `file`: a header line, a line for each transaction, a line for each entry in the order of
/// the chain. With a key, its Ed25519 signature goes to `file`.sig, in Base64. Both are complete or not there,
/// durable, and never over an existing file. Kind `journal` when the chain does not hold: a
/// signature would vouch for it; `config` for the key; `failed` when the files cannot be written.
[[nodiscard]] Result<Exported> export_journal(journal::Store& store, const std::string& file,
                                              const std::string& key_file);

}  // namespace vmferry::cli
