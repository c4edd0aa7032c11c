// What the journal's tests share: a directory of their own, sample entries, raw access to the file.

#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "journal/store.hpp"

namespace vmferry::journal {

#define ASSERT_OK(expression)                                                                                          \
    do {                                                                                                               \
        const auto& result_ = (expression);                                                                            \
        ASSERT_TRUE(result_.has_value()) << result_.error().text();                                                    \
    } while (false)
#define EXPECT_OK(expression)                                                                                          \
    do {                                                                                                               \
        const auto& result_ = (expression);                                                                            \
        EXPECT_TRUE(result_.has_value()) << result_.error().text();                                                    \
    } while (false)

enum class On {
    memory,  ///< Fast, and nothing here loses its power. Allows volatile journals for this process.
    disk,    ///< Where the system has its temporary files.
};

/// A directory that goes with the object.
class TempDir {
public:
    explicit TempDir(On on = On::memory)
    {
        const bool in_memory = on == On::memory && std::filesystem::exists("/dev/shm");
        std::string name = in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
        name += "/vmferry-journal-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary directory like " + name);
        }
        ::setenv("VMFERRY_JOURNAL_VOLATILE", "1", 1);
        m_path = name;
    }
    ~TempDir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::string operator/(const std::string& name) const { return m_path + "/" + name; }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_path;
};

inline TransactionHead sample_head(const std::string& vm = "web1", int64_t epoch = 1)
{
    TransactionHead head;
    head.id = Uuid::make_v7();
    head.command = "migrate";
    head.vm_uuid = Uuid::parse("5a3c1f00-0000-4000-8000-0000000000" + std::string(vm == "web1" ? "01" : "02")).value();
    head.vm_name = vm;
    head.source = "kvm1";
    head.target = "kvm2";
    head.epoch = epoch;
    head.begun_at_ms = 1790000000000;
    return head;
}

inline std::unique_ptr<Store> open_or_die(const std::string& path, Access access = Access::read_write)
{
    auto store = open_sqlite(path, access);
    if (!store) {
        throw std::runtime_error(store.error().text());
    }
    return std::move(*store);
}

/// A journal with three transactions of a few entries each, closed.
inline std::vector<TransactionHead> write_sample(const std::string& path)
{
    const auto store = open_or_die(path);
    std::vector<TransactionHead> heads{sample_head("web1", 1), sample_head("web2", 7), sample_head("web1", 2)};
    for (const TransactionHead& head : heads) {
        EXPECT_OK(store->begin(head, {{"plan", std::string(64, 'a')}, {"before", std::string(600, 'x')}}));
    }
    for (const TransactionHead& head : heads) {
        EXPECT_OK(store->append(head.id, {Kind::ledger, "marker:source", {{"role", "source"}}}));
        const std::vector<Draft> three{
            {Kind::done, "marker:source", {}}, {Kind::reserved, "", {}}, {Kind::debt, "volume:old", {}}};
        EXPECT_OK(store->append(head.id, std::span(three)));
        EXPECT_OK(store->append(head.id, {Kind::switch_intent, "", {}}));
    }
    EXPECT_OK(store->append(heads[0].id, {Kind::commit, "", {}}));
    EXPECT_OK(store->append(heads[0].id, {Kind::end, "committed", {}}));
    return heads;
}

inline std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::string& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What somebody with a database tool does to the file.
inline int raw_sql(const std::string& path, const std::string& sql)
{
    sqlite3* handle = nullptr;
    sqlite3_open(path.c_str(), &handle);
    const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(handle);
    return code;
}

/// The same for somebody who is determined: the triggers are gone while `sql` runs, then back.
inline void tamper(const std::string& path, const std::string& sql)
{
    sqlite3* handle = nullptr;
    sqlite3_open(path.c_str(), &handle);
    std::vector<std::string> triggers;
    const auto collect = [](void* out, int, char** values, char**) {
        static_cast<std::vector<std::string>*>(out)->insert(static_cast<std::vector<std::string>*>(out)->end(),
                                                            {values[0], values[1]});
        return 0;
    };
    sqlite3_exec(handle, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", collect, &triggers, nullptr);
    for (size_t i = 0; i < triggers.size(); i += 2) {
        sqlite3_exec(handle, ("DROP TRIGGER " + triggers[i]).c_str(), nullptr, nullptr, nullptr);
    }
    char* message = nullptr;
    sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(message, nullptr) << message;
    sqlite3_free(message);
    for (size_t i = 1; i < triggers.size(); i += 2) {
        sqlite3_exec(handle, triggers[i].c_str(), nullptr, nullptr, nullptr);
    }
    sqlite3_close(handle);
}

/// What can be asked of a journal, in one comparable text; errors included.
inline std::string everything_in(Store& store)
{
    std::string all;
    const auto rows = store.transactions();
    if (!rows) {
        return "error " + rows.error().text();
    }
    for (const TransactionRow& row : *rows) {
        all += row.head.id.str() + row.head.vm_name + std::to_string(row.head.epoch) + row.outcome +
               std::to_string(row.open_debts) + std::to_string(row.worker.pid) + "\n";
        const auto entries = store.entries(row.head.id);
        if (!entries) {
            return "error " + entries.error().text();
        }
        for (const Entry& entry : *entries) {
            all += std::to_string(entry.sequence) + std::string(to_string(entry.kind)) + entry.object +
                   dump_json(entry.body) + std::to_string(entry.at_ms) + entry.hash + "\n";
        }
    }
    return all;
}

}  // namespace vmferry::journal
