// Goal: whoever edits the file with a database tool is found out, and the row is named.

#include "fixture.hpp"

#include "journal/chain_walk.hpp"

namespace vmferry::journal {

namespace {

class Tampering : public testing::Test {
protected:
    Tampering() : path(directory / "journal.db"), heads(write_sample(path)) {}

    std::vector<std::string> problems_after(const std::string& sql)
    {
        tamper(path, sql);
        const auto report = open_or_die(path, Access::read_only)->verify_chain();
        EXPECT_OK(report);
        return report ? report->problems : std::vector<std::string>();
    }

    void expect_named(const std::vector<std::string>& problems, const std::string& words)
    {
        const bool found = std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
            return problem.find(words) != std::string::npos;
        });
        std::string all;
        for (const std::string& problem : problems) {
            all += problem + "\n";
        }
        EXPECT_TRUE(found) << "no '" << words << "' in:\n" << all;
    }

    TempDir directory;
    std::string path;
    std::vector<TransactionHead> heads;
};

}  // namespace

TEST_F(Tampering, AnUntouchedJournalHasNoProblems) { EXPECT_TRUE(problems_after("").empty()); }

TEST_F(Tampering, TheTriggersKeepOrdinaryToolsFromChangingEntries)
{
    for (const char* sql :
         {"UPDATE entries SET body = '{}'", "DELETE FROM entries", "UPDATE transactions SET epoch = 0",
          "DELETE FROM transactions", "DELETE FROM states", "DELETE FROM chain_head",
          "UPDATE chain_head SET sequence = 1",
          "INSERT OR REPLACE INTO entries SELECT sequence, transaction_id, ordinal, kind, 'other', body, "
          "actor, "
          "at_ms, previous_hash, hash FROM entries WHERE sequence = 3",
          "INSERT OR REPLACE INTO transactions SELECT id, 'other', vm_uuid, vm_name, source, target, epoch, "
          "begun_at_ms, digest FROM transactions"}) {
        EXPECT_EQ(raw_sql(path, sql), SQLITE_CONSTRAINT) << sql;
    }
    EXPECT_TRUE(problems_after("").empty());
}

TEST_F(Tampering, EveryChangedColumnOfAnEntryNamesThatEntryAlone)
{
    for (const std::string change : {"object = 'other'", "body = '{\"a\":1}'", "kind = 'NOTE'", "at_ms = at_ms + 1",
                                     "actor = '{}'", "ordinal = 77", "hash = previous_hash"}) {
        TempDir other;
        std::filesystem::copy_file(path, other / "journal.db");
        tamper(other / "journal.db", "UPDATE entries SET " + change + " WHERE sequence = 6");
        const auto report = open_or_die(other / "journal.db", Access::read_only)->verify_chain();
        ASSERT_OK(report);
        ASSERT_FALSE(report->problems.empty()) << change;
        expect_named(report->problems, "entry 6 (");
        for (const std::string& problem : report->problems) {
            EXPECT_EQ(problem.find("entry 5 "), std::string::npos) << problem;
            EXPECT_EQ(problem.find("entry 7 "), std::string::npos) << problem;
        }
    }
}

TEST_F(Tampering, AnEntryRewrittenWithAFittingHashBreaksTheLinkBehindIt)
{
    const auto store = open_or_die(path, Access::read_only);
    const Entry entry = store->entries(heads[0].id)->at(1);
    Row row = to_row(entry, 2);
    row.body = "{\"role\":\"target\"}";
    const auto problems = problems_after("UPDATE entries SET body = '" + row.body + "', hash = '" + hash_of(row, "") +
                                         "' WHERE sequence = " + std::to_string(entry.sequence));
    expect_named(problems, "does not follow entry " + std::to_string(entry.sequence));
}

TEST_F(Tampering, ARemovedEntryIsNamed)
{
    const auto problems = problems_after("DELETE FROM entries WHERE sequence = 6");
    expect_named(problems, "entry 6 is missing");
    expect_named(problems, "has lost entries");
}

TEST_F(Tampering, ARemovedRangeIsNamed)
{
    expect_named(problems_after("DELETE FROM entries WHERE sequence BETWEEN 6 AND 9"), "entries 6 to 9 are missing");
}

TEST_F(Tampering, TheFirstEntryRemovedIsNamed)
{
    expect_named(problems_after("DELETE FROM entries WHERE sequence = 1"), "entry 1 is missing");
}

TEST_F(Tampering, ALostTailIsNamed)
{
    const auto problems = problems_after("DELETE FROM entries WHERE sequence > 17");
    expect_named(problems, "entries 18 to 20 are missing at the end");
}

TEST_F(Tampering, ALostTailIsSeenByItsTransactionEvenWhenTheHeadWasReplaced)
{
    const std::string hash = open_or_die(path, Access::read_only)->entries(heads[0].id)->at(5).hash;
    const ChainHead head{18, open_or_die(path, Access::read_only)->entries(heads[2].id)->at(5).hash, 3};
    const auto problems =
        problems_after("DELETE FROM entries WHERE sequence > 18; UPDATE chain_head SET sequence = 18, hash = '" +
                       head.hash + "', digest = '" + digest_of(head) + "'");
    expect_named(problems, "transaction " + heads[0].id.str() + " has lost entries");
}

TEST_F(Tampering, SwappedEntriesAreNamedWithTheirOldPlaces)
{
    const auto problems = problems_after("UPDATE entries SET sequence = -1 WHERE sequence = 6;"
                                         "UPDATE entries SET sequence = 6 WHERE sequence = 9;"
                                         "UPDATE entries SET sequence = 9 WHERE sequence = -1");
    expect_named(problems, "out of its place: it was written as entry 9");
    expect_named(problems, "out of its place: it was written as entry 6");
    EXPECT_EQ(problems.size(), 2U);
}

TEST_F(Tampering, AnEntryMovedToTheEndIsNamed)
{
    const auto problems = problems_after("UPDATE entries SET sequence = 21 WHERE sequence = 6");
    expect_named(problems, "it was written as entry 6");
    expect_named(problems, "entry 6 is missing");
}

TEST_F(Tampering, AChangedHeadOfATransactionIsNamed)
{
    const auto problems =
        problems_after("UPDATE transactions SET vm_name = 'other' WHERE id = '" + heads[1].id.str() + "'");
    expect_named(problems, "transaction " + heads[1].id.str() + ": what it is about was changed");
}

TEST_F(Tampering, AHeadChangedTogetherWithItsDigestBreaksItsBegin)
{
    TransactionHead head = heads[1];
    head.epoch = 99;
    const auto problems = problems_after("UPDATE transactions SET epoch = 99, digest = '" + digest_of(head) +
                                         "' WHERE id = '" + head.id.str() + "'");
    expect_named(problems, "entry 2 (BEGIN");
}

TEST_F(Tampering, AChangedStateIsNamed)
{
    const auto problems =
        problems_after("UPDATE states SET debts = '[]' WHERE transaction_id = '" + heads[1].id.str() + "'");
    expect_named(problems, heads[1].id.str() + ": its state was changed");
    expect_named(problems, heads[1].id.str() + " is recorded in a state that its entries do not give");
}

TEST_F(Tampering, ATransactionRemovedAsAWholeIsMissed)
{
    const std::string id = heads[0].id.str();
    const auto problems = problems_after("DELETE FROM entries WHERE transaction_id = '" + id +
                                         "';DELETE FROM states WHERE transaction_id = '" + id +
                                         "';DELETE FROM transactions WHERE id = '" + id + "'");
    expect_named(problems, "entry 1 is missing");
    expect_named(problems, "there were 3 transactions, now there are 2");
}

TEST_F(Tampering, AnInsertedEntryIsNamed)
{
    tamper(path, "INSERT INTO entries SELECT 21, transaction_id, 99, kind, object, body, actor, at_ms, "
                 "previous_hash, hash FROM "
                 "entries WHERE sequence = 20");
    const auto report = open_or_die(path, Access::read_only)->verify_chain();
    ASSERT_OK(report);
    expect_named(report->problems, "entry 21");
}

TEST_F(Tampering, WhatIsReadIsCheckedWithoutAVerification)
{
    tamper(path, "UPDATE entries SET object = 'other' WHERE sequence = 6");
    const auto store = open_or_die(path, Access::read_only);
    const Uuid owner = heads[0].id;
    const auto entries = store->entries(owner);
    ASSERT_FALSE(entries.has_value());
    EXPECT_EQ(entries.error().kind(), ErrorKind::journal);
    EXPECT_NE(entries.error().text().find("entry 6"), std::string::npos) << entries.error().text();
    EXPECT_TRUE(store->entries(heads[1].id).has_value()) << "other transactions are not held up";
}

TEST_F(Tampering, AForgedWorkerIsNotBelieved)
{
    tamper(path, "UPDATE states SET pid = 1");
    const auto store = open_or_die(path, Access::read_only);
    EXPECT_FALSE(store->transactions().has_value());
    EXPECT_FALSE(store->find(heads[0].id.str()).has_value());
}

TEST_F(Tampering, AHiddenTransactionDoesNotLowerTheEpoch)
{
    tamper(path, "DELETE FROM states WHERE transaction_id = '" + heads[1].id.str() + "'");
    const auto store = open_or_die(path, Access::read_only);
    EXPECT_FALSE(store->highest_epoch(heads[1].vm_uuid).has_value());
    EXPECT_EQ(store->find(heads[1].id.str()).error().kind(), ErrorKind::journal) << "not 'not found'";
}

TEST(Serialisation, IsTheOneInFormatMd)
{
    // Should this fail, journals in the field can no longer be verified.
    Row row;
    row.sequence = 2;
    row.transaction = "01939f3c-0000-7000-8000-000000000001";
    row.ordinal = 2;
    row.kind = "LEDGER";
    row.object = "marker:source";
    row.body = "{}";
    row.actor = "{}";
    row.at_ms = 5;
    row.previous_hash = std::string(k_no_hash);
    EXPECT_EQ(hash_of(row, ""), "8396cbf840f8bd535c30622788412bddbb967bd5256b1262cf68a923d06dcdec");
    EXPECT_EQ(Netstrings().add("abc").add(int64_t{-7}).add("").digest(),
              "a5f9b063ee6631d1d0c314ee82788551b5755397331e3022d88d903f8b1c8d4c");
}

}  // namespace vmferry::journal
