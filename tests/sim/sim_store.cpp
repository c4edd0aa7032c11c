#include "tests/sim/sim_store.hpp"

namespace vmferry::sim {

using journal::Draft;
using journal::Kind;

namespace {

constexpr Ms k_write = 1;

}  // namespace

SimStore::SimStore(Universe& universe, JournalView& view, SimDisk* disk)
    : m_universe(universe), m_view(view), m_disk(disk),
      m_store(disk == nullptr ? journal::open_memory(journal::Hashing::off) : nullptr)
{
}

Result<> SimStore::process_starts()
{
    if (m_disk == nullptr) {
        return {};
    }
    m_store.reset();
    if (m_disk->has_lost_power()) {
        m_disk->power_returns();
    }
    return alive(open_anew());
}

void SimStore::look()
{
    try {
        static_cast<void>(process_starts());
    } catch (const ToolDied&) {
        static_cast<void>(process_starts());  // The power was lost over the looking, which happens once.
    }
}

void SimStore::lose()
{
    m_disk = nullptr;
    m_store = journal::open_memory(journal::Hashing::off);
    m_begun.clear();
    m_view = JournalView{};
}

Result<> SimStore::open_anew()
{
    VMF_TRY_ASSIGN(m_store, m_disk->open());
    return read_view();
}

/// What the disk kept, which may be less or more than what its calls said.
Result<> SimStore::read_view()
{
    VMF_TRY_ASSIGN(const auto rows, m_store->transactions());
    m_begun.clear();
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        m_begun.push_back(row->head.id);
    }
    const bool failing = m_view.failing;
    m_view = JournalView{};
    m_view.failing = failing;
    if (m_begun.empty()) {
        return {};
    }
    VMF_TRY_ASSIGN(const auto all, m_store->entries(m_begun.back()));
    for (const journal::Entry& entry : all) {
        entry.kind == Kind::begin ? m_view.add_begin(entry.body) : m_view.add(entry.kind, entry.object);
    }
    return {};
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

Result<journal::Entry> SimStore::begin(const journal::TransactionHead& head, const SharedJson& body,
                                       std::span<const Draft> more)
{
    VMF_TRY(before("write BEGIN"));
    auto begun = alive(m_store->begin(head, body, more));
    if (!begun) {
        m_view.failing = true;
        return begun;
    }
    // One that is taken over from the hosts' markers keeps its own.
    const bool taken_over = head.id == m_last_begun;
    if (head.epoch <= m_last_epoch && !taken_over) {
        m_universe.oracle.violate("the epoch of a transaction is not higher than that of the one before");
    }
    m_last_epoch = head.epoch;
    m_last_begun = head.id;
    journal::Entry entry = std::move(*begun);
    m_begun.push_back(head.id);
    const bool failing = m_view.failing;
    m_view = JournalView{};
    m_view.failing = failing;
    m_view.add_begin(body);
    // Not when a human has started it before the tool looked.
    m_universe.oracle.bolts = body->at("plan").contains("was_off");
    for (const Draft& draft : more) {
        m_view.add(draft.kind, draft.object);
    }
    VMF_TRY(after("write BEGIN"));
    return entry;
}

void SimStore::count_window()
{
    const Domain& source = m_universe.machine(Side::source).domain;
    const bool stands = source.live && source.live->qemu == Qemu::postmigrate && !source.live->paused_by_user;
    m_writes_in_window += stands && !m_universe.machine(Side::target).domain.runs() ? 1 : 0;
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
    count_window();
    if (auto written = alive(m_store->append(transaction, drafts)); !written) {
        m_view.failing = true;
        return written;
    }
    for (const Draft& draft : drafts) {
        m_view.add(draft.kind, draft.object);
        const bool back = draft.object.starts_with("rolled-back") || draft.object == "not-as-before";
        if (draft.kind == Kind::end && back) {
            m_universe.oracle.source_owns();
            if (auto& live = m_universe.machine(Side::source).domain.live) {
                live->limit_settled = true;
            }
        }
    }
    return after(name);
}

}  // namespace vmferry::sim
