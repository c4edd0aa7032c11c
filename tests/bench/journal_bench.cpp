// What a durable entry of the journal costs, beside the least that anything durable costs on this disk.
//
//   RawSync        400 bytes into a file that is there already, and fdatasync
//   SqliteCommit   one row of 400 bytes, a transaction of its own, as the journal is configured
//   JournalEntry   Store::append of one entry
//   JournalMove    all entries of a plain move, in its order; of its syncs, how many while the guest stands
//
// The files are in the working directory: run it on the disk that is meant. Only ratios of one run mean something.
// `syncs` counts fsync and fdatasync, by functions of those names that come before the C library's.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "journal/store.hpp"

namespace {

std::atomic<int64_t> s_syncs{0};

}  // namespace

extern "C" int fsync(int fd)
{
    ++s_syncs;
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd)
{
    ++s_syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace {

using namespace vmferry;
using journal::Kind;

/// In the working directory, gone at the end.
class TempFolder {
public:
    TempFolder()
    {
        if (::mkdtemp(m_path.data()) == nullptr) {
            std::abort();
        }
    }
    ~TempFolder() { std::filesystem::remove_all(m_path); }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return m_path + "/" + name; }

private:
    std::string m_path = "journal-bench-XXXXXX";
};

template <typename T>
T need(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::abort();
    }
    return std::move(result).value();
}

void need(const Result<>& result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::abort();
    }
}

void RawSync(benchmark::State& state)
{
    const TempFolder folder;
    const int fd = ::open(folder.file("raw").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::string row(400, 'x');
    if (fd < 0 || ::ftruncate(fd, 1 << 20) != 0 || ::posix_fallocate(fd, 0, 1 << 20) != 0 || ::fsync(fd) != 0) {
        state.SkipWithError("no file");
    }
    off_t place = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(::pwrite(fd, row.data(), row.size(), place));
        ::fdatasync(fd);
        place = (place + 400) % (1 << 19);
    }
    ::close(fd);
}

void SqliteCommit(benchmark::State& state)
{
    const TempFolder folder;
    sqlite3* database = nullptr;
    const auto run = [&](const std::string& text) {
        if (sqlite3_exec(database, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            state.SkipWithError(sqlite3_errmsg(database));
        }
    };
    sqlite3_open(folder.file("plain.db").c_str(), &database);
    run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; CREATE TABLE rows(text TEXT)");
    const std::string insert = "INSERT INTO rows VALUES('" + std::string(400, 'x') + "')";
    const int64_t before = s_syncs;
    for (auto _ : state) {
        run(insert);
    }
    state.counters["syncs"] =
        benchmark::Counter(static_cast<double>(s_syncs - before), benchmark::Counter::kAvgIterations);
    sqlite3_close(database);
}

journal::TransactionHead some_head()
{
    return {Uuid::make_v7(), "migrate", Uuid::make_v7(), "web1", "kvm1", "kvm2", 1, 1};
}

const Json& facts()
{
    static const Json s_facts{{"facts", std::string(300, 'x')}};
    return s_facts;
}

void JournalEntry(benchmark::State& state)
{
    const TempFolder folder;
    const auto store = need(journal::open_sqlite(folder.file("journal.db"), journal::Access::read_write));
    const journal::TransactionHead head = some_head();
    need(store->begin(head, facts()));
    const int64_t before = s_syncs;
    for (auto _ : state) {
        need(store->append(head.id, {Kind::ledger, "marker:source", facts()}));
    }
    state.counters["syncs"] =
        benchmark::Counter(static_cast<double>(s_syncs - before), benchmark::Counter::kAvgIterations);
}

void JournalMove(benchmark::State& state)
{
    const TempFolder folder;
    const auto store = need(journal::open_sqlite(folder.file("journal.db"), journal::Access::read_write));
    int64_t in_window = 0;
    const int64_t before = s_syncs;
    const int64_t writes_before = store->durable_writes();
    for (auto _ : state) {
        const journal::TransactionHead head = some_head();
        need(store->begin(head, facts()));
        for (const char* object :
             {"probe:source:1", "probe:target:1", "marker:source", "downtime:source", "domain:target"}) {
            need(store->append(head.id, {Kind::ledger, object, facts()}));
        }
        need(store->append(head.id, {Kind::reserved, "", facts()}));
        need(store->append(head.id, {Kind::switch_intent, "", facts()}));
        const int64_t stopped = s_syncs;
        need(store->append(head.id, {Kind::commit, "", facts()}));
        in_window += s_syncs - stopped;
        for (const Kind kind : {Kind::resumed, Kind::announced, Kind::verified}) {
            need(store->append(head.id, {kind, "", facts()}));
        }
        for (const char* object : {"definition:source", "marker:target"}) {
            need(store->append(head.id, {Kind::ledger, object, facts()}));
        }
        need(store->append(head.id, {Kind::released, "", facts()}));
        need(store->append(head.id, {Kind::end, "committed", facts()}));
    }
    const auto each = [](int64_t count) {
        return benchmark::Counter(static_cast<double>(count), benchmark::Counter::kAvgIterations);
    };
    state.counters["syncs"] = each(s_syncs - before);
    state.counters["syncs_in_window"] = each(in_window);
    state.counters["durable_writes"] = each(store->durable_writes() - writes_before);
}

BENCHMARK(RawSync)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(SqliteCommit)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(JournalEntry)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(JournalMove)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
