#include "cli/watched_store.hpp"

namespace vmferry::cli {

namespace {

class WatchedStore final : public journal::Store {
public:
    WatchedStore(std::unique_ptr<journal::Store> store, Events& events) : m_store(std::move(store)), m_events(events) {}

    using Store::begin;
    Result<journal::Entry> begin(const journal::TransactionHead& head, const SharedJson& body,
                                 std::span<const journal::Draft> more) override
    {
        return m_store->begin(head, body, more);
    }
    Result<> append(const Uuid& transaction, std::span<const journal::Draft> drafts) override
    {
        VMF_TRY(m_store->append(transaction, drafts));
        for (const journal::Draft& draft : drafts) {
            m_events.recorded(transaction, draft);
        }
        return {};
    }
    Result<> adopt(const Uuid& transaction) override { return m_store->adopt(transaction); }
    Result<std::vector<journal::Entry>> entries(const Uuid& transaction) override
    {
        return m_store->entries(transaction);
    }
    Result<std::vector<journal::TransactionRow>> transactions() override { return m_store->transactions(); }
    Result<journal::TransactionRow> find(std::string_view id_or_prefix) override { return m_store->find(id_or_prefix); }
    Result<int64_t> highest_epoch(const Uuid& vm_uuid) override { return m_store->highest_epoch(vm_uuid); }
    Result<journal::ChainReport> verify_chain() override { return m_store->verify_chain(); }
    [[nodiscard]] int64_t durable_writes() const override { return m_store->durable_writes(); }

private:
    std::unique_ptr<journal::Store> m_store;
    Events& m_events;
};

}  // namespace

std::unique_ptr<journal::Store> watched(std::unique_ptr<journal::Store> store, Events& events)
{
    return std::make_unique<WatchedStore>(std::move(store), events);
}

}  // namespace vmferry::cli
