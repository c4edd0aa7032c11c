#include "tests/sim/sim_store.hpp"

namespace vmferry::sim {

using journal::Draft;
using journal::Kind;

namespace {

constexpr Ms k_write = 1;

}  // namespace

std::shared_ptr<journal::Store> shared_memory_store()
{
    constexpr int k_stories_each = 32;
    thread_local std::shared_ptr<journal::Store> store;
    thread_local int stories = 0;
    if (!store || ++stories > k_stories_each) {
        store = journal::open_memory(journal::Hashing::off);
        stories = 0;
    }
    return store;
}

Result<> SimStore::before(const std::string& name)
{
    const Fate fate = m_universe.point(PointKind::before_write, name);
    const bool broken = m_universe.journal_unsure || m_universe.time.now() < m_universe.journal_fails_until;
    if (broken || fate == Fate::refused) {
        m_view.failing = true;
        return fail(ErrorKind::journal, "the journal cannot be written: no space left on device");
    }
    m_universe.sleep(k_write);
    return {};
}

Result<> SimStore::after(const std::string& name)
{
    if (m_universe.point(PointKind::after_write, name) == Fate::reply_lost) {
        m_view.failing = true;
        return fail(ErrorKind::unknown, "the disk failed: the entry may be there or not");
    }
    return {};
}

Result<journal::Entry> SimStore::begin(const journal::TransactionHead& head, const Json& body)
{
    VMF_TRY(before("write BEGIN"));
    VMF_TRY_ASSIGN(journal::Entry entry, m_store->begin(head, body));
    m_begun.push_back(head.id);
    const bool failing = m_view.failing;
    m_view = JournalView{};
    m_view.failing = failing;
    m_view.add(Kind::begin, {});
    VMF_TRY(after("write BEGIN"));
    return entry;
}

Result<> SimStore::append(const Uuid& transaction, std::span<const Draft> drafts)
{
    if (drafts.empty()) {
        return {};
    }
    std::string name = "write ";
    name += journal::to_string(drafts.back().kind);
    name += " " + drafts.back().object;
    VMF_TRY(before(name));
    VMF_TRY(m_store->append(transaction, drafts));
    for (const Draft& draft : drafts) {
        m_view.add(draft.kind, draft.object);
    }
    return after(name);
}

}  // namespace vmferry::sim
