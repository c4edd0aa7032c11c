#include "cli/mortal_store.hpp"

#include <fmt/format.h>

#include <charconv>

namespace vmferry::cli {

namespace {

class MortalStore final : public journal::Store {
    template <typename Write>
    auto around(const std::string& name, Write write)
    {
        const int number = ++m_writes;
        m_watcher(Moment::before, number, name);
        auto written = write();
        m_watcher(Moment::after, number, name);
        return written;
    }

public:
    MortalStore(std::unique_ptr<journal::Store> store, WriteWatcher watcher)
        : m_store(std::move(store)), m_watcher(std::move(watcher))
    {
    }

    using Store::append;
    using Store::begin;
    Result<journal::Entry> begin(const journal::TransactionHead& head, const SharedJson& body,
                                 std::span<const journal::Draft> more) override
    {
        return around("BEGIN", [&] { return m_store->begin(head, body, more); });
    }
    Result<> append(const Uuid& transaction, std::span<const journal::Draft> drafts) override
    {
        if (drafts.empty()) {
            return {};
        }
        const journal::Draft& last = drafts.back();
        const std::string name =
            fmt::format("{}{}{}", journal::to_string(last.kind), last.object.empty() ? "" : " ", last.object);
        return around(name, [&] { return m_store->append(transaction, drafts); });
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
    WriteWatcher m_watcher;
    int m_writes = 0;  ///< A move writes from one thread.
};

}  // namespace

std::unique_ptr<journal::Store> mortal(std::unique_ptr<journal::Store> store, WriteWatcher watcher)
{
    return std::make_unique<MortalStore>(std::move(store), std::move(watcher));
}

std::string to_words(Moment moment, int write)
{
    return fmt::format("{}:{}", moment == Moment::before ? "before" : "after", write);
}

Result<Death> parse_death(const std::string& words)
{
    Death death;
    const size_t colon = words.find(':');
    const std::string when = words.substr(0, colon);
    death.moment = when == "before" ? Moment::before : Moment::after;
    const char* first = colon == std::string::npos ? nullptr : words.c_str() + colon + 1;
    const char* last = words.c_str() + words.size();
    const bool number = first != nullptr && std::from_chars(first, last, death.write).ptr == last && first != last;
    if ((when != "before" && when != "after") || !number || death.write < 0) {
        return fail(ErrorKind::usage, fmt::format("'{}' is not like before:12 or after:12", words));
    }
    return death;
}

}  // namespace vmferry::cli
