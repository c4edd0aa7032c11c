#include "core/engine/context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"

namespace vmferry::engine {

Result<> Context::record(journal::Kind kind, const std::string& object, SharedJson body)
{
    m_deferred.push_back({kind, object, std::move(body)});
    if (auto written = store.append(plan.transaction, m_deferred); !written) {
        // An entry that may be there or not counts as written, which is safe for all but COMMIT.
        const bool unsure = written.error().kind() == ErrorKind::unknown;
        if (unsure && kind == journal::Kind::commit) {
            m_entries.reset();
        } else if (unsure) {
            keep(m_deferred.back());
        }
        m_deferred.pop_back();
        return written;
    }
    keep(m_deferred.back());
    m_deferred.clear();
    return {};
}

Result<> Context::begin(const journal::TransactionHead& head, const SharedJson& body,
                        std::span<const journal::Draft> more)
{
    VMF_TRY_ASSIGN(journal::Entry entry, store.begin(head, body, more));
    constexpr size_t k_usual_entries = 48;
    m_entries.emplace().reserve(k_usual_entries);
    m_entries->push_back(std::move(entry));
    for (const journal::Draft& draft : more) {
        keep(draft);
    }
    return {};
}

const std::string& Context::plan_text(const Json& the_plan)
{
    m_plan_text = std::make_shared<const std::string>(dump_json(the_plan));
    return *m_plan_text;
}

model::Marker Context::marker(model::Side role)
{
    static const std::string s_machine = journal::Actor::of_this_process().machine;
    if (!m_plan_text) {
        plan_text(model::to_json(plan));
    }
    model::Marker marker = plan.marker(role);
    marker.controller = s_machine;
    marker.instance = before.state.id;
    marker.cpu_time_ns = before.state.cpu_time_ns;
    marker.plan = m_plan_text;
    if (role == model::Side::target) {
        const auto all = entries();
        marker.nvram = all && std::any_of(all->begin(), all->end(), [](const journal::Entry& entry) {
                           return entry.kind == journal::Kind::ledger && entry.object == "nvram:target";
                       });
    }
    return marker;
}

void Context::defer(journal::Kind kind, const std::string& object, SharedJson body)
{
    m_deferred.push_back({kind, object, std::move(body)});
    keep(m_deferred.back());
}

void Context::keep(const journal::Draft& draft)
{
    if (m_entries) {
        journal::Entry& entry = m_entries->emplace_back();
        entry.transaction = plan.transaction;
        entry.kind = draft.kind;
        entry.object = draft.object;
        entry.body = draft.body;
    }
}

Result<std::span<const journal::Entry>> Context::entries()
{
    if (!m_entries) {
        VMF_TRY_ASSIGN(m_entries, store.entries(plan.transaction));
        for (const journal::Draft& draft : m_deferred) {
            keep(draft);
        }
    }
    return std::span<const journal::Entry>(*m_entries);
}

void Context::record_or_warn(journal::Kind kind, const std::string& object, SharedJson body)
{
    if (const auto written = record(kind, object, body); !written) {
        if (kind == journal::Kind::debt) {
            defer(kind, object, std::move(body));  // Still owed: it goes with the next entry that can be written.
        }
        warn(fmt::format("the journal could not be written ({}): run 'vmferry rollback {}' when it can",
                         written.error().text(), plan.transaction.brief()));
    }
}

Result<> Context::effect(std::string_view name, const std::function<Result<>()>& act)
{
    VMF_TRY(failpoint::hit_effect(name, "before"));
    const Milliseconds start = world.clock.now();
    Result<> done = act();
    log::debug("effect {}: {} in {} ms", name, done ? "ok" : done.error().text(), (world.clock.now() - start).count());
    VMF_TRY(std::move(done));
    if (auto after = failpoint::hit_effect(name, "after"); !after) {
        return fail(Error(ErrorKind::unknown, after.error().what()));
    }
    return {};
}

Result<world::Controller*> Context::control(model::Side side)
{
    VMF_TRY_ASSIGN(world::Host * host, hosts.get(side, plan.limits.call));
    return &host->control();
}

void Context::warn(const std::string& text)
{
    outcome.warnings.push_back(text);
    reporter.warning(text);
}

}  // namespace vmferry::engine
