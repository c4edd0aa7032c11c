#include "journal/schema.hpp"

#include <array>

#include "fixture.hpp"

namespace vmferry::journal {

namespace {

std::unique_ptr<Database> open_hardened(const std::string& path)
{
    auto database = Database::open(path).value();
    EXPECT_OK(harden(*database));
    EXPECT_OK(make_durable(*database));
    return database;
}

class Schema : public testing::Test {
protected:
    Schema() : path(directory / "journal.db") { write_sample(path); }

    TempDir directory;
    std::string path;
};

}  // namespace

TEST_F(Schema, EveryConnectionIsSafeAndDurable)
{
    const auto database = open_hardened(path);
    const std::vector<std::pair<std::string, std::string>> settings{
        {"journal_mode", "delete"}, {"synchronous", "3"}, {"foreign_keys", "1"}, {"trusted_schema", "0"},
        {"cell_size_check", "1"},   {"mmap_size", "0"},   {"cache_spill", "0"},  {"temp_store", "2"},
    };
    for (const auto& [pragma, wanted] : settings) {
        EXPECT_EQ(*database->value("PRAGMA " + pragma), wanted) << pragma;
    }
}

TEST_F(Schema, AMisspeltColumnIsAnErrorAndNotAText)
{
    EXPECT_FALSE(open_hardened(path)->prepare("SELECT \"no_such_column\" FROM entries").has_value());
}

TEST_F(Schema, NothingIsLoadedAttachedOrRewritten)
{
    const auto database = open_hardened(path);
    EXPECT_FALSE(database->execute("SELECT load_extension('x')").has_value());
    EXPECT_FALSE(database->execute("ATTACH ':memory:' AS other").has_value());
    static_cast<void>(database->execute("PRAGMA writable_schema = ON"));
    EXPECT_FALSE(database->execute("UPDATE sqlite_schema SET sql = ''").has_value());
}

TEST_F(Schema, AnOlderOneIsBroughtForwardStepByStepAndKeepsItsEntries)
{
    const std::array<MigrationStep, 2> steps{
        {{1, "ALTER TABLE states ADD COLUMN first TEXT"}, {2, "ALTER TABLE states RENAME COLUMN first TO second"}}};
    const auto database = open_hardened(path);
    ASSERT_OK(migrate(*database, steps, 3));
    EXPECT_EQ(*database->value("PRAGMA user_version"), "3");
    EXPECT_TRUE(database->prepare("SELECT second FROM states").has_value());
    EXPECT_EQ(*database->value("SELECT count(*) FROM entries"), "20");
    ASSERT_OK(migrate(*database, steps, 3));
}

TEST_F(Schema, AStepThatFailsLeavesTheOldSchema)
{
    const std::array<MigrationStep, 2> steps{{{1, "ALTER TABLE states ADD COLUMN first TEXT"}, {2, "no SQL"}}};
    const auto database = open_hardened(path);
    EXPECT_FALSE(migrate(*database, steps, 3).has_value());
    EXPECT_EQ(*database->value("PRAGMA user_version"), "1");
    EXPECT_FALSE(database->prepare("SELECT first FROM states").has_value());
    EXPECT_EQ(open_or_die(path)->transactions()->size(), 3U);
}

TEST_F(Schema, AMissingStepIsABugOfOurs)
{
    const auto refused = migrate(*open_hardened(path), {}, 2);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind(), ErrorKind::internal);
}

}  // namespace vmferry::journal
