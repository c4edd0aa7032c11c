// A journal in memory: the rules, the folding and the chain of the SQLite store, without the file.

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "core/base/clock.hpp"
#include "journal/chain_walk.hpp"
#include "journal/store.hpp"

namespace vmferry::journal {

namespace {

struct Self {
    Worker worker;
    Actor actor;
};

/// Costly to find out, and the same until a fork.
const Self& self()
{
    thread_local Self t_self;
    if (t_self.worker.pid != ::getpid()) {
        t_self = {Worker::of_this_process(), Actor::of_this_process()};
    }
    return t_self;
}

class MemoryStore final : public Store {
public:
    explicit MemoryStore(Hashing hashing) : m_hashing(hashing) {}

    using Store::begin;
    [[nodiscard]] Result<Entry> begin(const TransactionHead& head, const SharedJson& body,
                                      std::span<const Draft> more) override;
    [[nodiscard]] Result<> append(const Uuid& transaction, std::span<const Draft> drafts) override;
    [[nodiscard]] Result<> adopt(const Uuid& transaction) override;
    [[nodiscard]] Result<std::vector<Entry>> entries(const Uuid& transaction) override;
    [[nodiscard]] Result<std::vector<TransactionRow>> transactions() override;
    [[nodiscard]] Result<TransactionRow> find(std::string_view id_or_prefix) override;
    [[nodiscard]] Result<int64_t> highest_epoch(const Uuid& vm_uuid) override;
    [[nodiscard]] Result<ChainReport> verify_chain() override;
    [[nodiscard]] int64_t durable_writes() const override
    {
        const std::lock_guard lock(m_mutex);
        return m_writes;
    }

private:
    struct Transaction {
        TransactionHead head;
        std::string head_digest;
        State state;
        std::vector<const Entry*> entries;
    };

    [[nodiscard]] Result<Transaction*> look_up(const Uuid& id);
    const Entry& add(Transaction& transaction, Kind kind, const std::string& object, const SharedJson& body);

    mutable std::mutex m_mutex;  // Over all below.
    Hashing m_hashing;
    Worker m_self = self().worker;
    Actor m_actor = self().actor;
    std::deque<Entry> m_entries;             // In the order of the chain; never moves in memory.
    std::deque<Transaction> m_transactions;  // In the order of BEGIN.
    std::unordered_map<std::string, Transaction*> m_by_id;
    int64_t m_writes = 0;
};

Result<MemoryStore::Transaction*> MemoryStore::look_up(const Uuid& id)
{
    const auto found = m_by_id.find(id.str());
    if (found == m_by_id.end()) {
        return fail(no_such_transaction(id.str()));
    }
    return found->second;
}

const Entry& MemoryStore::add(Transaction& transaction, Kind kind, const std::string& object, const SharedJson& body)
{
    std::string previous;
    if (m_hashing == Hashing::on) {
        previous = m_entries.empty() ? std::string(k_no_hash) : m_entries.back().hash;
    }
    Entry& entry = m_entries.emplace_back();
    entry.sequence = static_cast<int64_t>(m_entries.size());
    entry.transaction = transaction.head.id;
    entry.kind = kind;
    entry.object = object;
    entry.body = body;
    entry.actor = m_actor;
    entry.at_ms = wall_clock_ms();
    entry.previous_hash = std::move(previous);
    if (m_hashing == Hashing::on) {
        const bool is_begin = kind == Kind::begin;
        entry.hash =
            hash_of(to_row(entry, transaction.state.entries + 1), is_begin ? transaction.head_digest : std::string());
    }
    transaction.state.add(entry.kind, entry.object, entry.sequence, entry.at_ms);
    transaction.entries.push_back(&entry);
    return entry;
}

Result<Entry> MemoryStore::begin(const TransactionHead& head, const SharedJson& body, std::span<const Draft> more)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY(admit_begin(head));
    if (m_by_id.contains(head.id.str())) {
        return fail(ErrorKind::journal, "the journal has a transaction " + head.id.str() + " already");
    }
    Transaction& transaction = m_transactions.emplace_back();
    m_by_id.emplace(head.id.str(), &transaction);
    transaction.head = head;
    transaction.head_digest = m_hashing == Hashing::on ? digest_of(head) : std::string();
    transaction.state.worker = m_self;
    ++m_writes;
    const Entry& begun = add(transaction, Kind::begin, "", body);
    for (const Draft& draft : more) {
        add(transaction, draft.kind, draft.object, draft.body);
    }
    return begun;
}

Result<> MemoryStore::append(const Uuid& transaction, std::span<const Draft> drafts)
{
    if (drafts.empty()) {
        return {};
    }
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(Transaction* const found, look_up(transaction));
    VMF_TRY(admit(found->state, drafts));
    for (const Draft& draft : drafts) {
        add(*found, draft.kind, draft.object, draft.body);
    }
    ++m_writes;
    return {};
}

Result<> MemoryStore::adopt(const Uuid& transaction)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(Transaction* const found, look_up(transaction));
    VMF_TRY(admit_adoption(transaction, found->state.worker, m_self));
    found->state.worker = m_self;
    ++m_writes;
    return {};
}

Result<std::vector<Entry>> MemoryStore::entries(const Uuid& transaction)
{
    const std::lock_guard lock(m_mutex);
    VMF_TRY_ASSIGN(const Transaction* const found, look_up(transaction));
    std::vector<Entry> entries;
    entries.reserve(found->entries.size());
    for (const Entry* entry : found->entries) {
        entries.push_back(*entry);
    }
    return entries;
}

Result<std::vector<TransactionRow>> MemoryStore::transactions()
{
    const std::lock_guard lock(m_mutex);
    std::vector<TransactionRow> rows;
    rows.reserve(m_transactions.size());
    std::transform(m_transactions.rbegin(), m_transactions.rend(), std::back_inserter(rows),
                   [](const Transaction& transaction) { return transaction.state.to_row(transaction.head); });
    return rows;
}

Result<TransactionRow> MemoryStore::find(std::string_view id_or_prefix)
{
    if (const auto id = Uuid::parse(id_or_prefix)) {
        const std::lock_guard lock(m_mutex);
        VMF_TRY_ASSIGN(const Transaction* const found, look_up(*id));
        return found->state.to_row(found->head);
    }
    VMF_TRY_ASSIGN(const std::vector<TransactionRow> rows, transactions());
    return choose(rows, id_or_prefix);
}

Result<int64_t> MemoryStore::highest_epoch(const Uuid& vm_uuid)
{
    const std::lock_guard lock(m_mutex);
    int64_t epoch = 0;
    for (const Transaction& transaction : m_transactions) {
        if (transaction.head.vm_uuid == vm_uuid) {
            epoch = std::max(epoch, transaction.head.epoch);
        }
    }
    return epoch;
}

Result<ChainReport> MemoryStore::verify_chain()
{
    const std::lock_guard lock(m_mutex);
    if (m_hashing == Hashing::off) {
        return ChainReport{static_cast<int64_t>(m_entries.size()), {}, std::string(k_no_hash)};
    }
    ChainWalk walk;
    std::unordered_map<std::string, int64_t> ordinals;
    for (const Entry& entry : m_entries) {
        walk.add(to_row(entry, ++ordinals[entry.transaction.str()]), m_by_id.at(entry.transaction.str())->head_digest);
    }
    for (const Transaction& transaction : m_transactions) {
        walk.add_transaction(transaction.head.id, transaction.state);
    }
    ChainHead head{static_cast<int64_t>(m_entries.size()),
                   m_entries.empty() ? std::string(k_no_hash) : m_entries.back().hash,
                   static_cast<int64_t>(m_transactions.size())};
    return walk.finish(head);
}

}  // namespace

std::unique_ptr<Store> open_memory(Hashing hashing) { return std::make_unique<MemoryStore>(hashing); }

}  // namespace vmferry::journal
