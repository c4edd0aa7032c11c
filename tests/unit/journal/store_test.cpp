// What every store promises, run against each of them.

#include <sys/wait.h>

#include "core/base/json_at.hpp"
#include "fixture.hpp"
#include "journal/chain.hpp"

namespace vmferry::journal {

namespace {

enum class Which { sqlite, memory, memory_unhashed };

class EveryStore : public testing::TestWithParam<Which> {
protected:
    EveryStore()
    {
        switch (GetParam()) {
        case Which::sqlite: store = open_or_die(directory / "journal.db"); break;
        case Which::memory: store = open_memory(); break;
        case Which::memory_unhashed: store = open_memory(Hashing::off); break;
        }
    }

    TransactionHead begin(const std::string& vm = "web1", int64_t epoch = 1)
    {
        TransactionHead head = sample_head(vm, epoch);
        EXPECT_OK(store->begin(head, {{"plan", "digest"}}));
        return head;
    }

    TempDir directory;
    std::unique_ptr<Store> store;
};

std::string name_of(const testing::TestParamInfo<Which>& info)
{
    return info.param == Which::sqlite ? "Sqlite" : info.param == Which::memory ? "Memory" : "MemoryUnhashed";
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(All, EveryStore, testing::Values(Which::sqlite, Which::memory, Which::memory_unhashed),
                         name_of);

TEST_P(EveryStore, GivesBackWhatWasWritten)
{
    const TransactionHead head = sample_head();
    const Json body{{"plan", "digest"}, {"number", 7}, {"text", "Gr\u00fc\u00dfe"}};
    const auto begun = store->begin(head, body);
    ASSERT_OK(begun);
    EXPECT_EQ(begun->sequence, 1);
    ASSERT_OK(store->append(head.id, {Kind::ledger, "volume:pool1/web1.qcow2", {{"size", 1 << 30}}}));

    const auto entries = store->entries(head.id);
    ASSERT_OK(entries);
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ((*entries)[0].kind, Kind::begin);
    EXPECT_EQ(*(*entries)[0].body, body);
    EXPECT_EQ((*entries)[0].hash, begun->hash);
    EXPECT_EQ((*entries)[1].sequence, 2);
    EXPECT_EQ((*entries)[1].kind, Kind::ledger);
    EXPECT_EQ((*entries)[1].object, "volume:pool1/web1.qcow2");
    EXPECT_EQ(integer_at((*entries)[1].body, "size", 0), 1 << 30);
    EXPECT_EQ((*entries)[1].previous_hash, (*entries)[0].hash);
    EXPECT_EQ((*entries)[1].transaction, head.id);
    EXPECT_EQ((*entries)[1].actor.pid, ::getpid());
}

TEST_P(EveryStore, KeepsTheHeadOfATransaction)
{
    const TransactionHead head = begin();
    const auto row = store->find(head.id.str());
    ASSERT_OK(row);
    EXPECT_EQ(row->head.command, head.command);
    EXPECT_EQ(row->head.vm_uuid, head.vm_uuid);
    EXPECT_EQ(row->head.vm_name, head.vm_name);
    EXPECT_EQ(row->head.source, head.source);
    EXPECT_EQ(row->head.target, head.target);
    EXPECT_EQ(row->head.epoch, head.epoch);
    EXPECT_EQ(row->head.begun_at_ms, head.begun_at_ms);
    EXPECT_EQ(row->worker.pid, ::getpid());
    EXPECT_EQ(row->worker.is_alive(), std::optional(true));
    EXPECT_EQ(row->last_kind, Kind::begin);
}

TEST_P(EveryStore, KeepsAnyBytesOfAnObjectAndReplacesBadOnesInABody)
{
    const TransactionHead head = begin();
    const std::string object("disk\0:\xff'\"\n", 10);
    ASSERT_OK(store->append(head.id, {Kind::note, object, {{"said", "bad \xff byte"}}}));
    const auto entries = store->entries(head.id);
    ASSERT_OK(entries);
    EXPECT_EQ(entries->back().object, object);
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_TRUE(report->problems.empty());
}

TEST_P(EveryStore, AppendsAllDraftsOrNone)
{
    const TransactionHead head = begin();
    const std::vector<Draft> bad{{Kind::note, "one", {}}, {Kind::abort_intent, "", {}}, {Kind::commit, "", {}}};
    EXPECT_FALSE(store->append(head.id, std::span(bad)).has_value());
    EXPECT_EQ(store->entries(head.id)->size(), 1U);
    const std::vector<Draft> good{{Kind::note, "one", {}}, {Kind::note, "two", {}}, {Kind::note, "three", {}}};
    ASSERT_OK(store->append(head.id, std::span(good)));
    EXPECT_EQ(store->entries(head.id)->size(), 4U);
}

TEST_P(EveryStore, OneAppendIsOneDurableWriteAndNoneIsNone)
{
    const TransactionHead head = begin();
    const std::vector<Draft> drafts{{Kind::note, "one", {}}, {Kind::note, "two", {}}};
    const int64_t before = store->durable_writes();
    ASSERT_OK(store->append(head.id, std::span(drafts)));
    EXPECT_EQ(store->durable_writes(), before + 1);
    ASSERT_OK(store->append(head.id, std::span<const Draft>()));
    EXPECT_EQ(store->durable_writes(), before + 1);
}

TEST_P(EveryStore, WhatBeginsWithMoreIsOneDurableWrite)
{
    const TransactionHead head = sample_head();
    const int64_t before = store->durable_writes();
    const std::vector<Draft> more = {{Kind::ledger, "marker:source", {}}, {Kind::commit, "", {}}};
    ASSERT_OK(store->begin(head, {{"plan", "digest"}}, more));
    EXPECT_EQ(store->durable_writes(), before + 1);
    const auto entries = store->entries(head.id);
    ASSERT_OK(entries);
    ASSERT_EQ(entries->size(), 3U);
    EXPECT_EQ(entries->back().kind, Kind::commit);
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_TRUE(report->problems.empty());
}

TEST_P(EveryStore, NoCommitAfterAnAbortIntent)
{
    const TransactionHead head = begin();
    ASSERT_OK(store->append(head.id, {Kind::abort_intent, "", {}}));
    const auto refused = store->append(head.id, {Kind::commit, "", {}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind(), ErrorKind::journal);
    EXPECT_EQ(store->find(head.id.str())->last_kind, Kind::abort_intent);
}

TEST_P(EveryStore, ABugThatWritesASecondBeginIsRefused)
{
    const TransactionHead head = begin();
    const auto by_append = store->append(head.id, {Kind::begin, "", {}});
    ASSERT_FALSE(by_append.has_value());
    EXPECT_EQ(by_append.error().kind(), ErrorKind::internal);
    EXPECT_FALSE(store->begin(head, {}).has_value());
    EXPECT_EQ(store->entries(head.id)->size(), 1U);
    EXPECT_EQ(store->transactions()->size(), 1U);
}

TEST_P(EveryStore, AnUnknownTransactionIsNotFound)
{
    const Uuid id = Uuid::make_v7();
    EXPECT_EQ(store->append(id, {Kind::note, "", {}}).error().kind(), ErrorKind::not_found);
    EXPECT_EQ(store->adopt(id).error().kind(), ErrorKind::not_found);
    EXPECT_EQ(store->entries(id).error().kind(), ErrorKind::not_found);
    EXPECT_EQ(store->find(id.str()).error().kind(), ErrorKind::not_found);
    EXPECT_FALSE(store->find(id.str()).error().next().empty());
}

TEST_P(EveryStore, FindsByAUniquePrefixOfAnyCase)
{
    const TransactionHead head = begin();
    std::string prefix = head.id.str().substr(0, 30);
    EXPECT_EQ(store->find(prefix)->head.id, head.id);
    std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(store->find(prefix)->head.id, head.id);
    EXPECT_EQ(store->find("ffffffff").error().kind(), ErrorKind::not_found);
    EXPECT_EQ(store->find("%___").error().kind(), ErrorKind::not_found);
}

TEST_P(EveryStore, APrefixThatIsShortOrAmbiguousIsAnErrorOfUsage)
{
    const TransactionHead one = begin("web1");
    const TransactionHead two = begin("web2");
    EXPECT_EQ(store->find(one.id.str().substr(0, 3)).error().kind(), ErrorKind::usage);
    EXPECT_EQ(store->find("").error().kind(), ErrorKind::usage);
    const auto ambiguous = store->find(one.id.str().substr(0, 6));
    ASSERT_FALSE(ambiguous.has_value());
    EXPECT_EQ(ambiguous.error().kind(), ErrorKind::usage);
    EXPECT_NE(ambiguous.error().next().find(two.id.str()), std::string::npos) << ambiguous.error().next();
}

TEST_P(EveryStore, ListsTheLastBegunFirstWhateverTheClockSays)
{
    TransactionHead early = sample_head();
    TransactionHead late = sample_head();
    std::swap(early.id, late.id);  // As after a clock that was set back.
    ASSERT_OK(store->begin(early, {}));
    ASSERT_OK(store->begin(late, {}));
    const auto rows = store->transactions();
    ASSERT_OK(rows);
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ((*rows)[0].head.id, late.id);
}

TEST_P(EveryStore, TellsTheOutcomeOnceItEnded)
{
    const TransactionHead head = begin();
    EXPECT_EQ(store->find(head.id.str())->outcome, "");
    ASSERT_OK(store->append(head.id, {Kind::end, "rolled-back", {}}));
    EXPECT_EQ(store->find(head.id.str())->outcome, "rolled-back");
    EXPECT_EQ(store->find(head.id.str())->last_kind, Kind::end);
}

TEST_P(EveryStore, CountsADebtOncePerObjectUntilItIsSettled)
{
    const TransactionHead head = begin();
    const std::vector<Draft> debts{
        {Kind::debt, "volume:a", {}}, {Kind::debt, "volume:b", {}}, {Kind::debt, "volume:a", {}}};
    ASSERT_OK(store->append(head.id, std::span(debts)));
    EXPECT_EQ(store->find(head.id.str())->open_debts, 2);
    ASSERT_OK(store->append(head.id, {Kind::settled, "volume:a", {}}));
    EXPECT_EQ(store->find(head.id.str())->open_debts, 1);
    EXPECT_EQ((*store->transactions())[0].open_debts, 1);
}

TEST_P(EveryStore, KnowsTheHighestEpochOfAVm)
{
    const TransactionHead head = begin("web1", 4);
    static_cast<void>(begin("web1", 3));
    static_cast<void>(begin("web2", 9));
    EXPECT_EQ(*store->highest_epoch(head.vm_uuid), 4);
    EXPECT_EQ(*store->highest_epoch(Uuid::make_v7()), 0);
}

TEST_P(EveryStore, TheChainOfInterleavedTransactionsHolds)
{
    const TransactionHead one = begin();
    const TransactionHead two = begin("web2");
    for (int i = 0; i < 5; ++i) {
        ASSERT_OK(store->append(one.id, {Kind::note, std::to_string(i), {}}));
        ASSERT_OK(store->append(two.id, {Kind::note, std::to_string(i), {}}));
    }
    ASSERT_OK(store->adopt(one.id));
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_EQ(report->rows, 12);
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    const bool hashed = GetParam() != Which::memory_unhashed;
    EXPECT_EQ(report->head_hash, hashed ? store->entries(two.id)->back().hash : std::string(k_no_hash));
}

TEST_P(EveryStore, AnEmptyJournalVerifies)
{
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_EQ(report->rows, 0);
    EXPECT_TRUE(report->problems.empty());
    EXPECT_TRUE(store->transactions()->empty());
}

}  // namespace vmferry::journal
