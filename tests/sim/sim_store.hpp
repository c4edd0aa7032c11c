// The journal of a story, with points at each write: it can refuse, lose its answer, or be the last
// thing that the tool does. Keeps a view of what is durable for the rules. In memory, or, when a disk is
// given, SQLite on that disk.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "journal/store.hpp"
#include "tests/sim/rules.hpp"
#include "tests/sim/sim_disk.hpp"

namespace vmferry::sim {

class SimStore final : public journal::Store {
public:
    /// `disk` may be null.
    SimStore(Universe& universe, JournalView& view, SimDisk* disk);

    /// A new process opens the journal; an error where the disk does not let it.
    [[nodiscard]] Result<> process_starts();
    /// Between processes: the view is what the disk has kept, as far as it can be read.
    void look();
    /// The machine with the journal is gone for good; another one begins with an empty journal.
    void lose();

    using Store::begin;
    [[nodiscard]] Result<journal::Entry> begin(const journal::TransactionHead& head, const SharedJson& body,
                                               std::span<const journal::Draft> more) override;
    [[nodiscard]] Result<> append(const Uuid& transaction, std::span<const journal::Draft> drafts) override;
    [[nodiscard]] Result<> adopt(const Uuid& transaction) override { return alive(m_store->adopt(transaction)); }
    [[nodiscard]] Result<std::vector<journal::Entry>> entries(const Uuid& transaction) override
    {
        return alive(m_store->entries(transaction));
    }
    [[nodiscard]] Result<std::vector<journal::TransactionRow>> transactions() override
    {
        return alive(m_store->transactions());
    }
    [[nodiscard]] Result<journal::TransactionRow> find(std::string_view id) override
    {
        return alive(m_store->find(id));
    }
    [[nodiscard]] Result<int64_t> highest_epoch(const Uuid& vm) override { return alive(m_store->highest_epoch(vm)); }
    [[nodiscard]] Result<journal::ChainReport> verify_chain() override { return alive(m_store->verify_chain()); }
    [[nodiscard]] int64_t durable_writes() const override { return m_store->durable_writes(); }

    /// The story's transactions, in their order.
    [[nodiscard]] const std::vector<Uuid>& begun() const { return m_begun; }
    /// Writes in which the guest stood for the switch: no copy of it ran.
    [[nodiscard]] int writes_in_window() const { return m_writes_in_window; }

private:
    [[nodiscard]] Result<> before(const std::string& name);
    [[nodiscard]] Result<> after(const std::string& name);
    [[nodiscard]] Result<> open_anew();
    [[nodiscard]] Result<> read_view();
    void count_window();
    /// An answer of the disk, unless the machine has lost its power over it: then the tool is dead.
    template <typename Answer>
    [[nodiscard]] Answer alive(Answer answer) const
    {
        if (m_disk != nullptr && m_disk->loses_power_now()) {
            throw ToolDied();
        }
        return answer;
    }

    Universe& m_universe;
    JournalView& m_view;
    SimDisk* m_disk;
    std::unique_ptr<journal::Store> m_store;
    std::vector<Uuid> m_begun;
    int64_t m_last_epoch = 0;
    Uuid m_last_begun;
    int m_writes_in_window = 0;
};

}  // namespace vmferry::sim
