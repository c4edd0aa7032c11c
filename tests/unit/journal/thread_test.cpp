// Goal: threads that share a store get what they would get alone, in fewer durable writes.

#include <atomic>
#include <barrier>
#include <thread>

#include "fixture.hpp"
#include "journal/group.hpp"

namespace vmferry::journal {

namespace {

constexpr int k_threads = 16;
constexpr int k_appends = 20;

void run_in_threads(const std::function<void(int)>& act)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < k_threads; ++i) {
        threads.emplace_back(act, i);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace

TEST(Threads, AppendsThatComeTogetherShareDurableWrites)
{
    const TempDir directory(On::disk);
    const auto store = open_or_die(directory / "journal.db");
    std::atomic<int> failures = 0;
    const int64_t before = store->durable_writes();
    run_in_threads([&](int number) {
        const TransactionHead head = sample_head("web1", number);
        failures += store->begin(head, {}) ? 0 : 1;
        for (int i = 0; i < k_appends; ++i) {
            const std::vector<Draft> two{{Kind::debt, std::to_string(i), {}}, {Kind::note, std::to_string(i), {}}};
            failures += store->append(head.id, std::span(two)) ? 0 : 1;
        }
        const auto entries = store->entries(head.id);
        failures += entries && entries->size() == 1 + 2 * k_appends ? 0 : 1;
    });
    EXPECT_EQ(failures, 0);
    EXPECT_LT(store->durable_writes() - before, k_threads * (1 + k_appends) / 2);
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_EQ(report->rows, k_threads * (1 + 2 * k_appends));
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    EXPECT_EQ(store->transactions()->front().open_debts, k_appends);
}

TEST(Threads, ARefusedAppendDoesNotSpoilTheOthersOfItsWrite)
{
    const TempDir directory;
    const auto store = open_or_die(directory / "journal.db");
    std::vector<TransactionHead> heads;
    for (int i = 0; i < k_threads; ++i) {
        heads.push_back(sample_head());
        ASSERT_OK(store->begin(heads.back(), {}));
        if (i % 2 == 0) {
            ASSERT_OK(store->append(heads.back().id, {Kind::abort_intent, "", {}}));
        }
    }
    std::atomic<int> wrong = 0;
    std::barrier together(k_threads);
    run_in_threads([&](int number) {
        for (int i = 0; i < k_appends; ++i) {
            together.arrive_and_wait();
            const Uuid id = i % 5 == 4 ? Uuid::make_v7() : heads[static_cast<size_t>(number)].id;
            const bool is_welcome = i % 5 != 4 && number % 2 == 1;
            wrong += store->append(id, {Kind::commit, "", {}}).has_value() == is_welcome ? 0 : 1;
        }
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE(store->verify_chain()->problems.empty());
}

TEST(Threads, TheMemoryStoreMayBeSharedToo)
{
    const auto store = open_memory();
    std::atomic<int> failures = 0;
    run_in_threads([&](int number) {
        const TransactionHead head = sample_head("web1", number);
        failures += store->begin(head, {}) && store->append(head.id, {Kind::note, "", {}}) ? 0 : 1;
    });
    EXPECT_EQ(failures, 0);
    EXPECT_TRUE(store->verify_chain()->problems.empty());
}

TEST(Group, EveryRequestIsWrittenOnceAndNeverByTwoThreadsAtOnce)
{
    Group<int> group;
    std::atomic<int> writing = 0;
    std::atomic<int> overlaps = 0;
    std::atomic<int> written = 0;
    std::atomic<int> missed = 0;
    run_in_threads([&](int) {
        for (int i = 0; i < 500; ++i) {
            int times = 0;
            group.run(times, [&](const std::vector<int*>& requests) {
                overlaps += writing++ == 0 ? 0 : 1;
                for (int* request : requests) {
                    ++*request;
                    ++written;
                }
                --writing;
            });
            missed += times == 1 ? 0 : 1;
        }
    });
    EXPECT_EQ(overlaps, 0);
    EXPECT_EQ(missed, 0);
    EXPECT_EQ(written, k_threads * 500);
}

}  // namespace vmferry::journal
