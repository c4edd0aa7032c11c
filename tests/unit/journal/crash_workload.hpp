// A run of journal writes whose acknowledged results are remembered, and what must hold of them after
// any failure.

#pragma once

#include <algorithm>
#include <map>

#include "fixture.hpp"
#include "tests/support/crash_vfs.hpp"

namespace vmferry::journal {

/// Objects of the drafts of one write; a write is acknowledged, refused, or unknown as a whole.
struct Write {
    std::vector<std::string> objects;
    Result<> result;
};

class Workload {
public:
    explicit Workload(std::string path) : m_path(std::move(path)) {}

    /// Opens the journal and does all writes, going on after each failure. Null when it did not open.
    std::unique_ptr<Store> run()
    {
        auto opened = open_sqlite(m_path, Access::read_write);
        if (!opened) {
            return nullptr;
        }
        std::unique_ptr<Store> store = std::move(*opened);
        const TransactionHead one = sample_head("web1");
        const TransactionHead two = sample_head("web2");
        begin(*store, one);
        write(*store, one.id, {"marker"});
        write(*store, one.id, {"a", "b", "c"});
        begin(*store, two);
        write(*store, two.id, {std::string(9000, 'L')});  // Over several pages.
        static_cast<void>(store->adopt(one.id));
        write(*store, one.id, {"last"});
        return store;
    }

    /// What `store` must hold after the failure. After a crash, a write without an answer may be there.
    void check(Store& store, bool crashed) const
    {
        const auto report = store.verify_chain();
        ASSERT_OK(report);
        EXPECT_TRUE(report->problems.empty()) << report->problems.front();
        const std::map<std::string, int> present = objects_in(store);
        for (const Write& write : m_writes) {
            const auto count = std::count_if(write.objects.begin(), write.objects.end(),
                                             [&](const std::string& object) { return present.contains(object); });
            const auto all = static_cast<std::ptrdiff_t>(write.objects.size());
            EXPECT_TRUE(count == 0 || count == all) << "a part of a write: " << write.objects.front();
            if (write.result) {
                EXPECT_EQ(count, all) << "an acknowledged write is gone: " << write.objects.front();
            } else if (!crashed && write.result.error().kind() != ErrorKind::unknown) {
                EXPECT_EQ(count, 0) << "a refused write is there: " << write.objects.front() << ": "
                                    << write.result.error().text();
            }
        }
    }

    [[nodiscard]] const std::vector<Write>& writes() const { return m_writes; }

private:
    void begin(Store& store, const TransactionHead& head)
    {
        const auto begun = store.begin(head, {{"before", std::string(3000, 'x')}});
        m_writes.push_back({{"BEGIN " + head.vm_name}, begun ? Result<>() : fail(begun.error())});
    }

    void write(Store& store, const Uuid& id, const std::vector<std::string>& objects)
    {
        std::vector<Draft> drafts;
        for (const std::string& object : objects) {
            drafts.push_back({Kind::note, object, {}});
        }
        m_writes.push_back({objects, store.append(id, std::span<const Draft>(drafts))});
    }

    static std::map<std::string, int> objects_in(Store& store)
    {
        std::map<std::string, int> objects;
        const auto rows = store.transactions();
        EXPECT_OK(rows);
        for (const TransactionRow& row : *rows) {
            const auto entries = store.entries(row.head.id);
            EXPECT_OK(entries);
            for (const Entry& entry : *entries) {
                ++objects[entry.kind == Kind::begin ? "BEGIN " + row.head.vm_name : entry.object];
            }
        }
        return objects;
    }

    std::string m_path;
    std::vector<Write> m_writes;
};

/// A journal whose writer was killed at the end of an append: all changed pages are in the file, and the
/// rollback journal that takes them back lies beside it.
struct HotJournal {
    explicit HotJournal(const TempDir& directory) : path(directory / "journal.db")
    {
        const Uuid id = write_sample(path).back().id;
        truth = everything_in(*open_or_die(path, Access::read_only));
        const std::string before = read_file(path);
        constexpr int64_t k_more_calls_than_an_append = 100;
        for (int64_t call = k_more_calls_than_an_append; call > 0 && !is_hot(before); --call) {
            write_file(path, before);
            std::filesystem::remove(path + "-journal");
            support::CrashDisk disk;
            auto store = open_or_die(path);
            disk.arm(support::Fault::crash, call);
            const auto appended = store->append(id, {Kind::note, "half done", {}});
            store.reset();
            disk.power_loss(support::Survival::everything);
        }
        EXPECT_TRUE(is_hot(before));
    }

    [[nodiscard]] bool is_hot(const std::string& before) const
    {
        return std::filesystem::exists(path + "-journal") && read_file(path) != before;
    }

    std::string path;
    std::string truth;  ///< Without the half-done append.
};

}  // namespace vmferry::journal
