#include "journal/open_checks.hpp"

#include <array>
#include <cstring>

#include "journal/schema.hpp"
#include "journal/tables.hpp"

namespace vmferry::journal {

namespace {

constexpr size_t k_header_bytes = 100;
constexpr size_t k_user_version_at = 60;
constexpr size_t k_application_id_at = 68;

/// quick_check holds up other processes' commits for about 0.8 ms per MiB.
constexpr int64_t k_fully_checked_bytes = int64_t{16} << 20;

using Header = std::array<unsigned char, k_header_bytes>;

Error refuse(std::string what, std::string next)
{
    return Error(ErrorKind::journal, std::move(what)).with_next(std::move(next));
}

/// Through SQLite's own descriptor: closing one of ours would drop the locks of this process.
sqlite3_file* file_of(const Database& database)
{
    sqlite3_file* file = nullptr;
    static_cast<void>(sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file));
    return file;
}

int64_t big_endian(const Header& header, size_t at)
{
    int64_t number = 0;
    for (size_t i = at; i < at + 4; ++i) {
        number = number << 8 | header[i];
    }
    return number;
}

Result<int64_t> number(const Database& database, const char* sql)
{
    VMF_TRY_ASSIGN(Statement query, database.prepare(sql));
    VMF_TRY_ASSIGN(const bool has_row, query.step());
    return has_row ? query.integer(0) : 0;
}

Result<> check_size(const Database& database)
{
    VMF_TRY_ASSIGN(const int64_t pages, number(database, "PRAGMA page_count"));
    VMF_TRY_ASSIGN(const int64_t page_bytes, number(database, "PRAGMA page_size"));
    sqlite3_file* file = file_of(database);
    sqlite3_int64 size = 0;
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK || size < pages * page_bytes || size % page_bytes != 0) {
        return fail(damaged(database, "the file was cut"));
    }
    return {};
}

Result<> check_schema(const Database& database)
{
    VMF_TRY_ASSIGN(const auto memory, Database::open(":memory:"));
    VMF_TRY(create_schema(*memory));
    VMF_TRY_ASSIGN(const std::string expected, describe_schema(*memory));
    VMF_TRY_ASSIGN(const std::string found, describe_schema(database));
    if (found != expected) {
        return fail(damaged(database, "its tables are not those of vmferry"));
    }
    return {};
}

Result<> check_structure(const Database& database)
{
    VMF_TRY_ASSIGN(const int64_t pages, number(database, "PRAGMA page_count"));
    VMF_TRY_ASSIGN(const int64_t page_bytes, number(database, "PRAGMA page_size"));
    const bool is_small = pages * page_bytes <= k_fully_checked_bytes;
    for (const char* check : {"PRAGMA quick_check(transactions)", "PRAGMA quick_check(states)",
                              "PRAGMA quick_check(chain_head)", "PRAGMA quick_check(10)"}) {
        const bool is_whole_file = std::strstr(check, "(10)") != nullptr;
        if (is_whole_file != is_small) {
            continue;
        }
        VMF_TRY_ASSIGN(const std::string found, database.value(check));
        if (found != "ok") {
            return fail(damaged(database, "it fails its structure check").with_cause(found));
        }
    }
    return {};
}

}  // namespace

Result<int64_t> check_header(Database& database)
{
    static constexpr char k_magic[] = "SQLite format 3";
    Header header{};
    sqlite3_file* file = file_of(database);
    const int code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
        return fail(refuse("the journal cannot be read: " + database.path(), "check the disk: dmesg | tail"));
    }
    const std::string elsewhere = "give another path: --journal FILE, or VMFERRY_JOURNAL=FILE";
    if (std::memcmp(header.data(), k_magic, sizeof k_magic) != 0) {
        return fail(refuse(database.path() + " is not a vmferry journal, or its beginning is destroyed", elsewhere));
    }
    if (big_endian(header, k_application_id_at) != k_application_id) {
        return fail(refuse(database.path() + " is a database of another program, not a vmferry journal", elsewhere));
    }
    const int64_t version = big_endian(header, k_user_version_at);
    if (version > k_schema_version) {
        return fail(refuse(database.path() + " was written by a newer vmferry: its schema is " +
                               std::to_string(version) + ", this one knows " + std::to_string(k_schema_version),
                           "upgrade vmferry on this machine; vmferry --version -v shows its schema"));
    }
    if (version < 1) {
        return fail(damaged(database, "it has no schema version"));
    }
    return version;
}

Result<> settle_hot_journal(Database& database)
{
    auto read = database.value("SELECT count(*) FROM sqlite_schema");
    if (!read && sqlite3_extended_errcode(database.handle()) == SQLITE_READONLY_ROLLBACK) {
        return fail(refuse("a crash left a half-done write in the journal, and this user may not take it back: " +
                               database.path(),
                           "sudo vmferry status")
                        .with_cause(read.error().cause()));
    }
    VMF_TRY(read);
    return {};
}

Result<> check_damage(Database& database)
{
    VMF_TRY_ASSIGN(const SqlTxn txn, SqlTxn::read(database));
    VMF_TRY(check_size(database));
    VMF_TRY(check_schema(database));
    VMF_TRY(check_structure(database));
    VMF_TRY(Tables(database).chain_head());
    return {};
}

}  // namespace vmferry::journal
