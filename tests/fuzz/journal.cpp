// Rows of the journal: "KIND<tab>OBJECT<tab>BODY" in each line, the body of BEGIN as a change of a good one.
// Whatever they say, they are read or refused, `status` can tell of them, and a recovery comes to its end.

#include <sstream>

#include "cli/doubt.hpp"
#include "cli/recorded_code.hpp"
#include "cli/report_status.hpp"
#include "cli/settlement.hpp"
#include "core/engine/settle.hpp"
#include "journal/chain.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/sim/edge.hpp"
#include "tests/sim/tool.hpp"

namespace vmferry::fuzz {

namespace {

const Uuid& the_transaction()
{
    static const Uuid id = Uuid::parse("0193a5c0-0000-7000-8000-000000000001").value();
    return id;
}

Json sample_begin() { return {{"plan", model::to_json(sample_plan())}, {"before", model::to_json(sample_image())}}; }

std::vector<journal::Entry> entries_of(const std::string& text)
{
    constexpr size_t k_most = 64;
    std::vector<journal::Entry> entries;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && entries.size() < k_most;) {
        const size_t first = line.find('\t');
        const size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        journal::Row row;
        row.sequence = static_cast<int64_t>(entries.size()) + 1;
        row.transaction = the_transaction().str();
        row.kind = line.substr(0, first);
        row.object = line.substr(first + 1, second - first - 1);
        row.body = line.substr(second + 1);
        row.actor = "{}";
        if (auto entry = journal::to_entry(row)) {
            if (entry->kind == journal::Kind::begin) {
                entry->body = patched(sample_begin(), entry->body);
            }
            entries.push_back(std::move(*entry));
        }
    }
    return entries;
}

/// The store refuses what cannot follow; the rest is in it.
bool write_all(journal::Store& store, const std::vector<journal::Entry>& entries)
{
    if (entries.empty() || entries.front().kind != journal::Kind::begin) {
        return false;
    }
    const journal::TransactionHead head{.id = the_transaction(),
                                        .command = "migrate",
                                        .vm_uuid = sim::the_vm(),
                                        .vm_name = "web1",
                                        .source = "kvm1",
                                        .target = "kvm2",
                                        .epoch = 1,
                                        .begun_at_ms = 0};
    if (!store.begin(head, entries.front().body)) {
        return false;
    }
    for (const journal::Entry& entry : std::span(entries).subspan(1)) {
        static_cast<void>(store.append(the_transaction(), {entry.kind, entry.object, entry.body}));
    }
    return true;
}

void tell(journal::Store& store, const std::vector<journal::Entry>& entries)
{
    const auto row = store.find(the_transaction().str());
    require(row.has_value(), "what was written is found");
    if (const auto line = cli::status_of(store, *row)) {
        require(!cli::status_text({*line}).empty(), "status can be told");
        static_cast<void>(cli::status_json({*line}));
    }
    static_cast<void>(cli::recorded_exit_code(*row, entries));
    engine::Outcome outcome;
    outcome.kind = engine::OutcomeKind::in_doubt;
    if (const auto plan = cli::recorded_plan(store, the_transaction())) {
        cli::name_dead_host(outcome, store, *plan);
    }
}

void recover(journal::Store& store, const std::vector<journal::Entry>& entries)
{
    sim::Universe universe({});
    const sim::JournalView view;
    sim::Rules rules(universe, view);
    rules.enabled = false;
    sim::SimHypervisor hypervisor(universe, rules);
    sim::SimClock clock(universe);
    world::World world{hypervisor, clock, std::launch::deferred};
    engine::Hosts hosts(world, sim::address_of(model::Side::source), sim::address_of(model::Side::target));
    engine::Reporter reporter;
    engine::Interrupt interrupt;
    universe.tool_starts(&interrupt);
    engine::Context context(world, store, hosts, reporter, interrupt);
    if (engine::load_transaction(context, entries)) {
        context.plan.transaction = the_transaction();
        context.plan.limits = {};
        static_cast<void>(engine::settle(context, sim::sim_phases(context.plan), {}, std::nullopt));
    }
    universe.tool_ends();
}

}  // namespace

void read_journal(const std::string& text)
{
    const std::vector<journal::Entry> entries = entries_of(text);
    const auto store = journal::open_memory(journal::Hashing::on);
    if (!write_all(*store, entries)) {
        return;
    }
    tell(*store, entries);
    recover(*store, entries);
    const auto report = store->verify_chain();
    require(report && report->problems.empty(), "the chain holds");
}

}  // namespace vmferry::fuzz
