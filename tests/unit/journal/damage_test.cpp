// Goal: a damaged file gives an error or the truth, never garbage.
// Method: cut it at every 512 bytes, and turn bits over all of it, and read everything back each time.

#include <sys/stat.h>

#include "crash_workload.hpp"
#include "fixture.hpp"
#include "process.hpp"

namespace vmferry::journal {

namespace {

bool is_exhaustive() { return std::getenv("VMFERRY_TEST_EXHAUSTIVE") != nullptr; }

class Damage : public testing::Test {
protected:
    Damage() : path(directory / "journal.db")
    {
        write_sample(path);
        good = read_file(path);
        truth = everything_in(*open_or_die(path, Access::read_only));
    }

    /// What a reader or a writer gets to see of `bytes`; "refused", "error" or "truth".
    std::string seen(const std::string& bytes, Access access)
    {
        write_file(path, bytes);
        const auto store = open_sqlite(path, access);
        if (!store) {
            EXPECT_EQ(store.error().kind(), ErrorKind::journal) << store.error().text();
            return "refused";
        }
        const std::string all = everything_in(**store);
        const auto report = (*store)->verify_chain();
        const bool has_problems = !report || !report->problems.empty();
        if (all == truth) {
            return has_problems ? "error" : "truth";
        }
        EXPECT_TRUE(all.starts_with("error")) << "garbage was read:\n" << all;
        EXPECT_TRUE(has_problems) << "not seen by the verification: " << all;
        return "error";
    }

    TempDir directory;
    std::string path;
    std::string good;
    std::string truth;
};

}  // namespace

TEST_F(Damage, AFileCutAnywhereIsRefusedForWriting)
{
    for (size_t size = 0; size < good.size(); size += 512) {
        EXPECT_EQ(seen(good.substr(0, size), Access::read_write), "refused") << "cut at " << size;
        EXPECT_EQ(read_file(path).size(), size) << "a refused file was changed";
    }
}

TEST_F(Damage, AFileCutAnywhereReadsAsAnErrorOrTheTruth)
{
    for (size_t size = 0; size < good.size(); size += 512) {
        seen(good.substr(0, size), Access::read_only);
    }
}

TEST_F(Damage, AFileWithATailOfZerosIsNeverGarbage)
{
    for (size_t size = 0; size < good.size(); size += 512) {
        std::string bytes = good.substr(0, size);
        bytes.resize(good.size());
        seen(bytes, Access::read_write);
        seen(bytes, Access::read_only);
    }
}

TEST_F(Damage, ALostSectorIsNeverGarbage)
{
    for (size_t at = 0; at < good.size(); at += 512) {
        for (const char filling : {'\0', '\xff', 'x'}) {
            std::string bytes = good;
            bytes.replace(at, 512, 512, filling);
            seen(bytes, Access::read_write);
            seen(bytes, Access::read_only);
        }
    }
}

TEST_F(Damage, PagesInEachOthersPlaceAreNeverGarbage)
{
    constexpr size_t k_page = 4096;
    for (size_t a = 0; a < good.size(); a += k_page) {
        for (size_t b = 0; b < good.size(); b += k_page) {
            std::string bytes = good;
            bytes.replace(a, k_page, good.substr(b, k_page));
            seen(bytes, Access::read_write);
        }
    }
}

TEST_F(Damage, ATurnedBitIsRefusedOrFoundOrWithoutEffect)
{
    const size_t stride = is_exhaustive() ? 1 : 7;
    std::map<std::string, int> seen_so;
    for (size_t at = 0; at < good.size(); at += at < 100 ? 1 : stride) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            if (!is_exhaustive() && bit != (at * 5 + at / 256) % 8) {
                continue;
            }
            std::string bytes = good;
            bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
            SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit));
            ++seen_so["write " + seen(bytes, Access::read_write)];
            ++seen_so["read " + seen(bytes, Access::read_only)];
        }
    }
    for (const auto& [what, count] : seen_so) {
        RecordProperty(what, count);
    }
    EXPECT_GT(seen_so["write refused"] + seen_so["write error"], 0);
}

TEST_F(Damage, AnEntryIsNeverAppendedAfterALostTail)
{
    const auto store = open_or_die(path);
    const Uuid id = store->transactions()->front().head.id;
    tamper(path, "DELETE FROM entries WHERE sequence = (SELECT max(sequence) FROM entries)");
    const auto appended = store->append(id, {Kind::note, "", {}});
    ASSERT_FALSE(appended.has_value());
    EXPECT_EQ(appended.error().kind(), ErrorKind::journal);
}

TEST(HotJournal, IsRolledBackByAWriterAndByAReaderThatMayWrite)
{
    for (const Access access : {Access::read_write, Access::read_only}) {
        const TempDir directory;
        const HotJournal hot(directory);
        const auto store = open_sqlite(hot.path, access);
        ASSERT_OK(store);
        EXPECT_EQ(everything_in(**store), hot.truth);
        EXPECT_TRUE((*store)->verify_chain()->problems.empty());
        EXPECT_FALSE(std::filesystem::exists(hot.path + "-journal"));
    }
}

TEST(HotJournal, IsToldToAReaderThatMayNotWrite)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become somebody else";
    }
    const TempDir directory;
    const HotJournal hot(directory);
    ::chmod(directory.path().c_str(), 0755);
    ::chmod(hot.path.c_str(), 0644);
    ::chmod((hot.path + "-journal").c_str(), 0644);
    EXPECT_TRUE(as_nobody([&] {
        const auto store = open_sqlite(hot.path, Access::read_only);
        return !store && store.error().text().find("a crash left a half-done write") != std::string::npos;
    }));
}

TEST(HotJournal, CutAnywhereItStillGivesTheTruthOrARefusal)
{
    const TempDir directory;
    const HotJournal hot(directory);
    const std::string file = read_file(hot.path);
    const std::string journal = read_file(hot.path + "-journal");
    std::filesystem::remove(hot.path + "-journal");
    const std::string with_append = everything_in(*open_or_die(hot.path, Access::read_only));
    ASSERT_NE(with_append, hot.truth);
    for (size_t size = 0; size <= journal.size(); size += 512) {
        write_file(hot.path, file);
        write_file(hot.path + "-journal", journal.substr(0, size));
        const auto store = open_sqlite(hot.path, Access::read_write);
        if (store) {
            const std::string all = everything_in(**store);
            EXPECT_TRUE(all == hot.truth || all == with_append || all.starts_with("error")) << "cut at " << size << "\n"
                                                                                            << all;
        }
    }
}

}  // namespace vmferry::journal
