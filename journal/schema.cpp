#include "journal/schema.hpp"

#include <array>

#include "journal/chain.hpp"

namespace vmferry::journal {

namespace {

Result<> configure(sqlite3* handle, int option, int wanted)
{
    int now = -1;
    if (sqlite3_db_config(handle, option, wanted, &now) != SQLITE_OK || now != wanted) {
        return fail(ErrorKind::internal, "SQLite does not take its option " + std::to_string(option));
    }
    return {};
}

Result<> expect(Database& database, const std::string& pragma, const std::string& wanted)
{
    VMF_TRY_ASSIGN(const std::string now, database.value("PRAGMA " + pragma));
    if (now != wanted) {
        return fail(Error(ErrorKind::journal, "SQLite does not keep '" + pragma + "': it says '" + now + "'")
                        .with_next("vmferry --version -v shows which SQLite is used"));
    }
    return {};
}

}  // namespace

Result<> harden(Database& database)
{
    constexpr std::array<std::pair<int, int>, 7> k_options{{{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                                            {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                                            {SQLITE_DBCONFIG_DQS_DDL, 0},
                                                            {SQLITE_DBCONFIG_DQS_DML, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                                                            {SQLITE_DBCONFIG_ENABLE_TRIGGER, 1}}};
    for (const auto& [option, wanted] : k_options) {
        VMF_TRY(configure(database.handle(), option, wanted));
    }
    sqlite3_limit(database.handle(), SQLITE_LIMIT_ATTACHED, 0);
    // Spilled pages would reach the file before the commit, and temporary files a disk we did not check.
    return database.execute("PRAGMA cell_size_check = ON;"
                            "PRAGMA mmap_size = 0;"
                            "PRAGMA cache_spill = OFF;"
                            "PRAGMA temp_store = MEMORY;");
}

Result<> make_durable(Database& database)
{
    VMF_TRY(expect(database, "journal_mode = DELETE", "delete"));
    VMF_TRY(database.execute("PRAGMA synchronous = EXTRA"));
    return expect(database, "synchronous", "3");
}

Result<> create_schema(Database& database)
{
    VMF_TRY(database.execute(std::string(schema_text())));
    VMF_TRY_ASSIGN(Statement insert, database.prepare("INSERT INTO chain_head VALUES (1, ?, ?, ?, ?)"));
    const ChainHead head;
    return insert.bind(head.sequence, head.hash, head.transactions, digest_of(head)).run();
}

std::span<const MigrationStep> migration_steps() { return {}; }

Result<> migrate(Database& database, std::span<const MigrationStep> steps, int64_t to)
{
    VMF_TRY_ASSIGN(SqlTxn txn, SqlTxn::write(database));
    // Read under the lock: another vmferry may have migrated in the meantime.
    VMF_TRY_ASSIGN(const std::string text, database.value("PRAGMA user_version"));
    int64_t version = std::stoll(text);
    if (version >= to) {
        return {};
    }
    for (const MigrationStep& step : steps) {
        if (step.from == version) {
            VMF_TRY(database.execute(std::string(step.sql)));
            ++version;
        }
    }
    if (version != to) {
        return fail(ErrorKind::internal, "no way from journal schema " + text + " to " + std::to_string(to));
    }
    VMF_TRY(database.execute("PRAGMA user_version = " + std::to_string(to)));
    return txn.commit();
}

Result<std::string> describe_schema(const Database& database)
{
    VMF_TRY_ASSIGN(Statement query, database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema "
                                                     "ORDER BY type, name"));
    Netstrings all;
    for (;;) {
        VMF_TRY_ASSIGN(const bool has_row, query.step());
        if (!has_row) {
            return all.digest();
        }
        all.add(query.text(0)).add(query.text(1)).add(query.text(2)).add(query.text(3));
    }
}

}  // namespace vmferry::journal
