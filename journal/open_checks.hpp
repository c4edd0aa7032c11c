// What is proven about a journal file before it is used.

#pragma once

#include "journal/sqlite.hpp"

namespace vmferry::journal {

/// Reads the first bytes, without a lock and before SQLite acts on the file: is it a journal, and of
/// a schema that this vmferry knows? Returns the schema's version.
[[nodiscard]] Result<int64_t> check_header(Database& database);

/// Lets SQLite take back what a crash left half-done, which it does at the first read.
[[nodiscard]] Result<> settle_hot_journal(Database& database);

/// Size, schema, structure and the end of the chain. Its cost is bounded, whatever the size: the content
/// of a big journal is checked where it is read (FORMAT.md, "What opening checks").
[[nodiscard]] Result<> check_damage(Database& database);

}  // namespace vmferry::journal
