// Opening the journal: every refusal comes before the first act.

#include "journal/open_checks.hpp"
#include "journal/place.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_store.hpp"

namespace vmferry::journal {

namespace {

Result<std::unique_ptr<Store>> open_writable(Place place)
{
    VMF_TRY(admit_place(place));
    const bool is_new = !place.exists;
    if (is_new) {
        VMF_TRY(create(place));
    }
    VMF_TRY_ASSIGN(auto database, Database::open(place.path));
    VMF_TRY_ASSIGN(const int64_t version, check_header(*database));
    if (database->is_read_only()) {
        return fail(Error(ErrorKind::journal, "the journal cannot be written: " + place.path)
                        .with_next("ls -l " + place.path + "; lsattr " + place.path));
    }
    VMF_TRY(harden(*database));
    VMF_TRY(settle_hot_journal(*database));
    VMF_TRY(make_durable(*database));
    if (version < k_schema_version) {
        VMF_TRY(migrate(*database, migration_steps(), k_schema_version));
    }
    VMF_TRY(check_damage(*database));
    auto store = std::make_unique<SqliteStore>(std::move(database), Access::read_write);
    if (!is_new) {
        VMF_TRY(store->probe());  // A creation has just proven the same.
    }
    return store;
}

/// Reads like an empty journal, so that `status` need not create one.
Result<std::unique_ptr<Store>> open_nothing()
{
    VMF_TRY_ASSIGN(auto database, Database::open(":memory:"));
    VMF_TRY(harden(*database));
    VMF_TRY(create_schema(*database));
    return std::make_unique<SqliteStore>(std::move(database), Access::read_only);
}

Result<std::unique_ptr<Store>> open_readable(const Place& place)
{
    if (!place.exists) {
        return open_nothing();
    }
    VMF_TRY(admit_reading(place));
    VMF_TRY_ASSIGN(auto database, Database::open(place.path));
    VMF_TRY_ASSIGN(const int64_t version, check_header(*database));
    if (version < k_schema_version) {
        return fail(Error(ErrorKind::journal, place.path + " was written by an older vmferry")
                        .with_next("any command that writes brings it up to date: vmferry rollback --all-incomplete"));
    }
    VMF_TRY(harden(*database));
    VMF_TRY(settle_hot_journal(*database));
    VMF_TRY(database->execute("PRAGMA query_only = ON"));
    return std::make_unique<SqliteStore>(std::move(database), Access::read_only);
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Access access)
{
    VMF_TRY_ASSIGN(const Place place, look_at(path));
    return access == Access::read_write ? open_writable(place) : open_readable(place);
}

}  // namespace vmferry::journal
