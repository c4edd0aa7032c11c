// Goal: whatever is at the journal's path, open_sqlite uses it only when it is a journal that can be
// trusted and written; otherwise it says what is wrong and what to do, and has touched nothing.

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <iostream>

#include "fixture.hpp"
#include "process.hpp"

namespace vmferry::journal {

namespace {

mode_t mode_of(const std::string& path)
{
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

void expect_refusal(const std::string& path, Access access, const std::string& words)
{
    const auto store = open_sqlite(path, access);
    ASSERT_FALSE(store.has_value()) << "opened " << path;
    EXPECT_EQ(store.error().kind(), ErrorKind::journal) << store.error().text();
    EXPECT_NE(store.error().text().find(words), std::string::npos) << store.error().text();
    EXPECT_NE(store.error().text().find(path), std::string::npos) << store.error().text();
    EXPECT_FALSE(store.error().next().empty());
}

void expect_refusals(const std::string& path, const std::string& words)
{
    const std::string before = std::filesystem::is_regular_file(path) ? read_file(path) : "";
    expect_refusal(path, Access::read_write, words);
    expect_refusal(path, Access::read_only, words);
    if (!before.empty()) {
        EXPECT_EQ(read_file(path), before) << "a refused file was changed";
    }
}

/// For children: true when the journal is refused with these words.
bool is_refused(const std::string& path, Access access, const std::string& words)
{
    const auto store = open_sqlite(path, access);
    const bool good = !store && store.error().text().find(words) != std::string::npos && !store.error().next().empty();
    if (!good) {
        std::cerr << (store ? "opened" : store.error().text()) << "\n";
    }
    return good;
}

}  // namespace

TEST(Open, CreatesDirectoryAndFileWithTheirModesWhateverTheUmask)
{
    const TempDir directory(On::disk);
    const mode_t old = ::umask(0077);
    open_or_die(directory / "state/vmferry/journal.db");
    ::umask(old);
    EXPECT_EQ(mode_of(directory / "state/vmferry/journal.db"), 0660U);
    EXPECT_EQ(mode_of(directory / "state/vmferry"), 02770U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory / "state/vmferry"), {}), 1)
        << "only the journal stays";
}

TEST(Open, CreatesAFileThatSaysWhatItIs)
{
    const TempDir directory;
    open_or_die(directory / "journal.db");
    const std::string bytes = read_file(directory / "journal.db");
    EXPECT_EQ(bytes.substr(68, 4), "VMFR");
    EXPECT_EQ(bytes.substr(60, 4), std::string("\0\0\0\1", 4));
}

TEST(Open, FindsAgainWhatWasWritten)
{
    const TempDir directory(On::disk);
    const std::string path = directory / "journal.db";
    write_sample(path);
    const std::string written = everything_in(*open_or_die(path));
    EXPECT_EQ(everything_in(*open_or_die(path, Access::read_only)), written);
    EXPECT_EQ(everything_in(*open_or_die(path)), written);
}

TEST(Open, FollowsASymbolicLink)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    std::filesystem::create_symlink("journal.db", directory / "link");
    EXPECT_EQ(open_or_die(directory / "link")->transactions()->size(), 3U);
}

TEST(Open, TakesARelativePathAndNoUri)
{
    const TempDir directory;
    const auto old = std::filesystem::current_path();
    std::filesystem::current_path(directory.path());
    open_or_die("file:journal.db?mode=memory");
    std::filesystem::current_path(old);
    EXPECT_TRUE(std::filesystem::exists(directory / "file:journal.db?mode=memory"));
}

TEST(Open, ReadingAMissingJournalShowsAnEmptyOneAndCreatesNothing)
{
    const TempDir directory;
    const auto store = open_or_die(directory / "none/journal.db", Access::read_only);
    EXPECT_TRUE(store->transactions()->empty());
    EXPECT_TRUE(store->verify_chain()->problems.empty());
    EXPECT_FALSE(store->begin(sample_head(), {}).has_value());
    EXPECT_FALSE(std::filesystem::exists(directory / "none"));
}

TEST(Open, AReadOnlyStoreWritesNothing)
{
    const TempDir directory;
    const auto heads = write_sample(directory / "journal.db");
    const std::string before = read_file(directory / "journal.db");
    const auto store = open_or_die(directory / "journal.db", Access::read_only);
    EXPECT_FALSE(store->append(heads[0].id, {Kind::note, "", {}}).has_value());
    EXPECT_FALSE(store->adopt(heads[0].id).has_value());
    EXPECT_FALSE(store->begin(sample_head(), {}).has_value());
    EXPECT_EQ(read_file(directory / "journal.db"), before);
    EXPECT_EQ(store->durable_writes(), 0);
}

TEST(Open, ProvesByOneDurableWriteThatItCanWrite)
{
    const TempDir directory;
    EXPECT_EQ(open_or_die(directory / "journal.db")->durable_writes(), 0) << "the creation has proven it";
    EXPECT_EQ(open_or_die(directory / "journal.db")->durable_writes(), 1);
}

TEST(OpenRefuses, ADirectory)
{
    const TempDir directory;
    expect_refusals(directory.path(), "is a directory");
}

TEST(OpenRefuses, APipe)
{
    const TempDir directory;
    ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
    expect_refusals(directory / "pipe", "not a regular file");
}

TEST(OpenRefuses, AnEmptyFile)
{
    const TempDir directory;
    write_file(directory / "journal.db", "");
    expect_refusals(directory / "journal.db", "is empty");
}

TEST(OpenRefuses, AnEmptyPath)
{
    EXPECT_FALSE(open_sqlite("", Access::read_write).has_value());
    EXPECT_FALSE(open_sqlite("", Access::read_only).has_value());
}

TEST(OpenRefuses, AFileOfGarbage)
{
    const TempDir directory;
    write_file(directory / "journal.db", std::string(8192, 'g'));
    expect_refusals(directory / "journal.db", "is not a vmferry journal");
    write_file(directory / "journal.db", "short");
    expect_refusals(directory / "journal.db", "is not a vmferry journal");
}

TEST(OpenRefuses, ADatabaseOfAnotherProgram)
{
    const TempDir directory;
    ASSERT_EQ(raw_sql(directory / "other.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)"), SQLITE_OK);
    expect_refusals(directory / "other.db", "database of another program");
}

TEST(OpenRefuses, AJournalOfANewerVmferry)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    ASSERT_EQ(raw_sql(directory / "journal.db", "PRAGMA user_version = 2"), SQLITE_OK);
    expect_refusals(directory / "journal.db", "newer vmferry");
}

TEST(OpenRefuses, AJournalWithTablesOfSomebodyElse)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    ASSERT_EQ(raw_sql(directory / "journal.db", "DROP TRIGGER entries_never_change"), SQLITE_OK);
    expect_refusal(directory / "journal.db", Access::read_write, "tables are not those of vmferry");
}

TEST(OpenRefuses, AJournalWhoseTailIsGone)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    tamper(directory / "journal.db", "DELETE FROM entries WHERE sequence > 12");
    expect_refusal(directory / "journal.db", Access::read_write, "last entry is 12");
}

TEST(OpenRefuses, AWalJournalIsTakenBackToARollbackJournal)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    ASSERT_EQ(raw_sql(directory / "journal.db", "PRAGMA journal_mode = WAL"), SQLITE_OK);
    EXPECT_EQ(open_or_die(directory / "journal.db")->transactions()->size(), 3U);
    EXPECT_EQ(read_file(directory / "journal.db")[18], 1);
}

TEST(OpenRefuses, MemoryUnlessTheVariableAllowsIt)
{
    if (!std::filesystem::exists("/dev/shm")) {
        GTEST_SKIP() << "no /dev/shm";
    }
    const TempDir directory;
    ::unsetenv("VMFERRY_JOURNAL_VOLATILE");
    expect_refusal(directory / "deep/journal.db", Access::read_write, "tmpfs");
    EXPECT_FALSE(std::filesystem::exists(directory / "deep")) << "nothing is made before the refusal";
    ::setenv("VMFERRY_JOURNAL_VOLATILE", "0", 1);
    expect_refusal(directory / "deep/journal.db", Access::read_write, "tmpfs");
    ::setenv("VMFERRY_JOURNAL_VOLATILE", "1", 1);
    EXPECT_TRUE(open_sqlite(directory / "deep/journal.db", Access::read_write).has_value());
}

TEST(OpenRefuses, AUserWithoutPermission)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become somebody else";
    }
    const TempDir directory;
    ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
    const std::string path = directory / "own/journal.db";
    write_sample(path);
    const std::string words = "no permission for";
    EXPECT_TRUE(as_nobody([&] { return is_refused(path, Access::read_write, "Permission denied"); }))
        << "directory closed";
    EXPECT_TRUE(as_nobody([&] { return is_refused(path, Access::read_only, "Permission denied"); }));
    ASSERT_EQ(::chmod((directory / "own").c_str(), 0755), 0);
    EXPECT_TRUE(as_nobody([&] { return is_refused(path, Access::read_write, words); })) << "directory not writable";
    EXPECT_TRUE(as_nobody([&] { return is_refused(path, Access::read_only, words); })) << "file not readable";
    ASSERT_EQ(::chmod((directory / "own").c_str(), 0777), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_TRUE(as_nobody([&] { return is_refused(path, Access::read_write, words); })) << "file not writable";
    EXPECT_TRUE(as_nobody([&] { return open_sqlite(path, Access::read_only).has_value(); }));
    EXPECT_TRUE(as_nobody([&] { return is_refused(directory / "new/journal.db", Access::read_write, words); }));
    EXPECT_FALSE(std::filesystem::exists(directory / "new"));
}

TEST(OpenRefuses, AReadOnlyFileSystemButReadsFromIt)
{
    const TempDir directory;
    write_sample(directory / "journal.db");
    const std::string path = directory / "journal.db";
    const bool done = in_child([&] {
        const char* mount_point = directory.path().c_str();
        if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount(mount_point, mount_point, nullptr, MS_BIND, nullptr) != 0 ||
            ::mount(nullptr, mount_point, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
            std::cerr << "skipped: no mount namespace\n";
            return true;
        }
        const auto reader = open_sqlite(path, Access::read_only);
        return is_refused(path, Access::read_write, "is read-only") && reader && (*reader)->transactions()->size() == 3;
    });
    EXPECT_TRUE(done);
}

TEST(OpenRefuses, AFileThatMayNotGrow)
{
    // RLIMIT_FSIZE makes real write calls fail, as a full disk or a quota does.
    const TempDir directory;
    write_sample(directory / "journal.db");
    const std::string path = directory / "journal.db";
    const std::string before = read_file(path);
    EXPECT_TRUE(in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{100, 100};
        return ::setrlimit(RLIMIT_FSIZE, &limit) == 0 && is_refused(path, Access::read_write, "cannot be");
    }));
    EXPECT_EQ(open_or_die(path, Access::read_only)->transactions()->size(), 3U);
    EXPECT_EQ(read_file(path), before);
}

}  // namespace vmferry::journal
