// Goal: several processes, some of them dying, share one journal and none is lied to.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "fixture.hpp"
#include "journal/sqlite.hpp"
#include "process.hpp"

namespace vmferry::journal {

namespace {

/// One byte at a time between parent and children.
struct Pipe {
    Pipe() { EXPECT_EQ(::pipe(ends), 0); }
    ~Pipe()
    {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    void signal() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
    /// False when nobody can signal any more.
    [[nodiscard]] bool wait() const
    {
        char byte = 0;
        return ::read(ends[0], &byte, 1) == 1;
    }
    void close_writing()
    {
        ::close(ends[1]);
        ends[1] = -1;
    }

    int ends[2] = {};
};

std::vector<std::string> notes_of(Store& store, const Uuid& id)
{
    std::vector<std::string> notes;
    const auto entries = store.entries(id).value();
    for (const Entry& entry : entries) {
        if (entry.kind == Kind::note) {
            notes.push_back(entry.object);
        }
    }
    return notes;
}

}  // namespace

TEST(Processes, WhatWasAcknowledgedSurvivesTheKillOfItsWriter)
{
    const TempDir directory(On::disk);
    const std::string path = directory / "journal.db";
    const TransactionHead head = sample_head();
    ASSERT_OK(open_or_die(path)->begin(head, {}));
    size_t acknowledged = 0;
    for (int round = 0; round < 8; ++round) {
        Pipe pipe;
        const pid_t writer = start([&] {
            const auto store = open_or_die(path);
            for (size_t i = notes_of(*store, head.id).size();; ++i) {
                if (!store->append(head.id, {Kind::note, std::to_string(i), {}})) {
                    return false;
                }
                pipe.signal();
            }
        });
        pipe.close_writing();
        // The kill comes at a different moment of the write in each round.
        ASSERT_TRUE(pipe.wait());
        std::this_thread::sleep_for(std::chrono::microseconds(3100 * round));
        ::kill(writer, SIGKILL);
        ::waitpid(writer, nullptr, 0);
        size_t seen = acknowledged + 1;
        while (pipe.wait()) {
            ++seen;
        }
        const auto store = open_or_die(path);
        const auto notes = notes_of(*store, head.id);
        EXPECT_GE(notes.size(), seen);
        EXPECT_LE(notes.size(), seen + 1) << "at most the one that was not acknowledged any more";
        EXPECT_TRUE(store->verify_chain()->problems.empty());
        acknowledged = notes.size();
    }
}

TEST(Processes, WritersAtOnceKeepOneChain)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    const TransactionHead shared = sample_head();
    ASSERT_OK(open_or_die(path)->begin(shared, {}));
    constexpr int k_writers = 4;
    constexpr int k_appends = 30;
    std::vector<pid_t> writers;
    for (int writer = 0; writer < k_writers; ++writer) {
        writers.push_back(start([&] {
            const auto store = open_or_die(path);
            const TransactionHead own = sample_head("web2", writer);
            bool good = store->begin(own, {}).has_value();
            for (int i = 0; i < k_appends; ++i) {
                const std::vector<Draft> two{{Kind::note, "one", {}}, {Kind::note, "two", {}}};
                good = good && store->append(own.id, std::span(two)) &&
                       store->append(shared.id, {Kind::note, std::to_string(writer), {}});
            }
            return good;
        }));
    }
    for (const pid_t writer : writers) {
        EXPECT_TRUE(ended_well(writer));
    }
    const auto store = open_or_die(path);
    const auto report = store->verify_chain();
    ASSERT_OK(report);
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    EXPECT_EQ(report->rows, 1 + k_writers * (1 + 3 * k_appends));
    EXPECT_EQ(notes_of(*store, shared.id).size(), static_cast<size_t>(k_writers) * k_appends);
}

TEST(Processes, AVerificationBesideWritersSeesNoProblems)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    const TransactionHead head = sample_head();
    ASSERT_OK(open_or_die(path)->begin(head, {}));
    const pid_t writer = start([&] {
        const auto store = open_or_die(path);
        bool good = true;
        for (int i = 0; i < 600; ++i) {
            good = good && store->append(head.id, {Kind::debt, std::to_string(i), {}});
        }
        return good;
    });
    const auto store = open_or_die(path, Access::read_only);
    for (int64_t rows = 0; rows < 601;) {
        const auto report = store->verify_chain();
        ASSERT_OK(report);
        ASSERT_TRUE(report->problems.empty()) << report->problems.front();
        ASSERT_GE(report->rows, rows);
        rows = report->rows;
    }
    EXPECT_TRUE(ended_well(writer));
}

TEST(Processes, AllThatCreateTheJournalAtOnceGetTheSameOne)
{
    const TempDir directory;
    const std::string path = directory / "state/journal.db";
    std::vector<pid_t> writers;
    for (int writer = 0; writer < 6; ++writer) {
        writers.push_back(start([&] { return open_or_die(path)->begin(sample_head(), {}).has_value(); }));
    }
    for (const pid_t writer : writers) {
        EXPECT_TRUE(ended_well(writer));
    }
    EXPECT_EQ(open_or_die(path)->transactions()->size(), 6U);
}

TEST(Processes, ALivingWorkerIsNotRobbedOfItsTransaction)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    const TransactionHead head = sample_head();
    Pipe begun;
    Pipe end;
    const pid_t worker = start([&] {
        const auto store = open_or_die(path);
        const bool good = store->begin(head, {}).has_value() && store->adopt(head.id);
        begun.signal();
        return good && end.wait();
    });
    ASSERT_TRUE(begun.wait());
    const auto store = open_or_die(path);
    const auto refused = store->adopt(head.id);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind(), ErrorKind::busy);
    EXPECT_EQ(store->find(head.id.str())->worker.pid, worker);
    end.signal();
    EXPECT_TRUE(ended_well(worker));
    EXPECT_OK(store->adopt(head.id));
    EXPECT_EQ(store->find(head.id.str())->worker.pid, ::getpid());
}

TEST(Processes, OfSeveralThatAdoptAnOrphanOneWins)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    const TransactionHead head = sample_head();
    ASSERT_TRUE(in_child([&] { return open_or_die(path)->begin(head, {}).has_value(); }));
    constexpr int k_adopters = 5;
    Pipe tried;
    Pipe end;
    std::vector<pid_t> adopters;
    for (int i = 0; i < k_adopters; ++i) {
        adopters.push_back(start([&] {
            const auto adopted = open_or_die(path)->adopt(head.id);
            tried.signal();
            // A winner that had ended could rightly be followed by the next.
            static_cast<void>(end.wait());
            return adopted.has_value();
        }));
    }
    for (int i = 0; i < k_adopters; ++i) {
        EXPECT_TRUE(tried.wait());
    }
    for (int i = 0; i < k_adopters; ++i) {
        end.signal();
    }
    const auto winners = std::count_if(adopters.begin(), adopters.end(), ended_well);
    EXPECT_EQ(winners, 1);
}

TEST(Processes, AnAbortOfOneForbidsTheCommitOfAnother)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    const TransactionHead head = sample_head();
    const auto store = open_or_die(path);
    ASSERT_OK(store->begin(head, {}));
    ASSERT_TRUE(in_child([&] { return open_or_die(path)->append(head.id, {Kind::abort_intent, "", {}}).has_value(); }));
    EXPECT_FALSE(store->append(head.id, {Kind::commit, "", {}}).has_value());
}

TEST(Processes, AStoreDoesNotCrossAFork)
{
    const TempDir directory;
    const auto store = open_or_die(directory / "journal.db");
    const pid_t child = start([&] { return store->begin(sample_head(), {}).has_value(); });
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST(Processes, ALockThatIsNeverGivenBackIsAnErrorAfterItsLimit)
{
    const TempDir directory;
    const std::string path = directory / "journal.db";
    open_or_die(path);
    Pipe locked;
    Pipe end;
    const pid_t holder = start([&] {
        const auto database = Database::open(path).value();
        const auto txn = SqlTxn::write(*database);
        locked.signal();
        return txn && end.wait();
    });
    ASSERT_TRUE(locked.wait());
    const auto database = Database::open(path).value();
    database->set_busy_limit(Milliseconds(50));
    const auto refused = SqlTxn::write(*database);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().next().find("fuser"), std::string::npos) << refused.error().next();
    end.signal();
    EXPECT_TRUE(ended_well(holder));
    EXPECT_TRUE(SqlTxn::write(*database).has_value());
}

}  // namespace vmferry::journal
