// The schema: its text, its version, and the way from an older one.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "journal/sqlite.hpp"

namespace vmferry::journal {

inline constexpr int64_t k_application_id = 0x564D4652;  ///< "VMFR"
inline constexpr int64_t k_schema_version = 1;

/// The text of schema.sql; put into the binary by CMake.
[[nodiscard]] std::string_view schema_text();

/// Settings of a connection: safety first, nothing from the file is trusted.
[[nodiscard]] Result<> harden(Database& database);
/// Rollback journal, and every sync that SQLite knows; checks that both were taken.
[[nodiscard]] Result<> make_durable(Database& database);

/// Schema and first chain head into an empty database.
[[nodiscard]] Result<> create_schema(Database& database);

/// `sql` leads from version `from` to the next.
struct MigrationStep {
    int64_t from;
    std::string_view sql;
};
/// The steps of this vmferry, in order; none yet.
[[nodiscard]] std::span<const MigrationStep> migration_steps();
/// Applies what is missing up to version `to`, all in one durable write or not at all.
[[nodiscard]] Result<> migrate(Database& database, std::span<const MigrationStep> steps, int64_t to);

/// The tables, indexes and triggers of a database, in one comparable text.
[[nodiscard]] Result<std::string> describe_schema(const Database& database);

}  // namespace vmferry::journal
