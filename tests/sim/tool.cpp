#include "tests/sim/tool.hpp"

#include "core/engine/from_markers.hpp"
#include "core/phases/phases.hpp"

namespace vmferry::sim {

namespace {

constexpr Milliseconds k_open{5000};

Json to_json(Side side, const world::ProbeVolume& probe)
{
    return {
        {"side", model::to_string(side)}, {"directory", probe.directory}, {"name", probe.name}, {"pool", probe.pool}};
}

std::string object_of(Side side, const world::ProbeVolume& probe)
{
    return "probe:" + std::string(model::to_string(side)) + ":" + probe.name;
}

/// As core/phases/precheck, with one proof and without the checks: those have tests of their own.
Result<> precheck(engine::Context& context)
{
    const world::ProbeVolume probe{"/shared", ".vmferry-" + context.plan.transaction.str(), "vmferry-probe"};
    world::Host& source = context.hosts.at(Side::source);
    world::Host& target = context.hosts.at(Side::target);
    VMF_TRY_ASSIGN(const auto residents, target.inspect().residents());
    if (!residents.empty()) {
        return fail(ErrorKind::blocked, "the target has a domain of this UUID already");
    }
    for (const Side side : {Side::source, Side::target}) {
        VMF_TRY(context.record(journal::Kind::ledger, object_of(side, probe), to_json(side, probe)));
    }
    VMF_TRY(source.datastore().create_probe(probe, "nonce"));
    VMF_TRY_ASSIGN(const auto content, target.datastore().read_probe(probe));
    for (const Side side : {Side::target, Side::source}) {
        VMF_TRY(context.hosts.at(side).datastore().remove_probe(probe, side == Side::source));
        context.defer(journal::Kind::undone, object_of(side, probe));
    }
    context.allow_unsafe = true;
    return content ? Result<>{} : fail(ErrorKind::blocked, "the storage is not shared");
}

}  // namespace

const std::vector<engine::Phase>& sim_phases(const model::Plan& plan)
{
    const auto with_own_precheck = [](std::vector<engine::Phase> phases) {
        phases.front().run = precheck;
        return phases;
    };
    static const std::vector<engine::Phase> s_live = with_own_precheck(phases::migrate_phases());
    static const std::vector<engine::Phase> s_cold = with_own_precheck(phases::cold_phases());
    return plan.was_off ? s_cold : s_live;
}

template <typename Work>
Run Tool::process(Work work)
{
    Run run;
    engine::Interrupt interrupt;
    const Ms start = m_universe.time.now();
    const int acts = m_rules.decisive_acts();
    m_universe.tool_starts(&interrupt);
    try {
        const auto opened = m_store.process_starts();
        Result<engine::Outcome> outcome = opened ? work(interrupt) : Result<engine::Outcome>(fail(opened.error()));
        if (outcome) {
            run.outcome = std::move(*outcome);
        } else {
            run.error = std::move(outcome).error();
        }
    } catch (const ToolDied&) {
        run.died = true;
    }
    m_universe.tool_ends();
    run.took = m_universe.time.now() - start;
    run.decisive_acts = m_rules.decisive_acts() - acts;
    return run;
}

Result<engine::Outcome> Tool::migrate_now(Side source, engine::Interrupt& interrupt)
{
    SimHypervisor hypervisor(m_universe, m_rules);
    SimClock clock(m_universe);
    world::World world{hypervisor, clock, std::launch::deferred};
    engine::Hosts hosts(world, address_of(source), address_of(model::other(source)));
    engine::Reporter reporter;
    engine::Context context(world, m_store, hosts, reporter, interrupt);
    VMF_TRY(hosts.open_both(k_open));
    engine::MoveRequest request;
    request.switch_mode = m_universe.switch_mode;
    request.peer_to_peer = m_universe.peer_to_peer;
    request.schedule.postcopy = m_universe.postcopy ? model::PostCopy::allow : model::PostCopy::never;
    VMF_TRY(engine::plan_move(context, m_universe.vm, request));
    return engine::run_transaction(context, sim_phases(context.plan));
}

Result<engine::Outcome> Tool::recover_now(const Uuid& transaction, const engine::SettleOptions& options,
                                          engine::Interrupt& interrupt)
{
    VMF_TRY_ASSIGN(const auto row, m_store.find(transaction.str()));
    VMF_TRY_ASSIGN(const auto entries, m_store.entries(transaction));
    SimHypervisor hypervisor(m_universe, m_rules);
    SimClock clock(m_universe);
    world::World world{hypervisor, clock, std::launch::deferred};
    const bool forth = row.head.source == address_of(Side::source).label;
    const Side source = forth ? Side::source : Side::target;
    engine::Hosts hosts(world, address_of(source), address_of(model::other(source)));
    engine::Reporter reporter;
    engine::Context context(world, m_store, hosts, reporter, interrupt);
    VMF_TRY(engine::load_transaction(context, entries));
    VMF_TRY(m_store.adopt(transaction));
    if (row.outcome.empty()) {
        return engine::settle(context, sim_phases(context.plan), options, std::nullopt);
    }
    return engine::pay_debts(context, sim_phases(context.plan));
}

Result<engine::Outcome> Tool::recover_by_markers_now(engine::Interrupt& interrupt)
{
    SimHypervisor hypervisor(m_universe, m_rules);
    SimClock clock(m_universe);
    world::World world{hypervisor, clock, std::launch::deferred};
    engine::Hosts hosts(world, address_of(Side::source), address_of(Side::target));
    std::optional<model::Marker> marker;
    for (const Side side : {Side::source, Side::target}) {
        const model::Observation seen = hosts.observe(side, m_universe.vm, k_open);
        const auto& found = seen.marker();
        marker = seen.reachable && found ? found : marker;
    }
    if (!marker) {
        return fail(ErrorKind::not_found, "no marker on the hosts that answer");
    }
    engine::Reporter reporter;
    engine::Context context(world, m_store, hosts, reporter, interrupt);
    VMF_TRY_ASSIGN(const engine::MarkedCase found, engine::look_by_marker(context, *marker, {}));
    if (found.in_doubt) {
        context.outcome.kind = engine::OutcomeKind::in_doubt;
        context.outcome.reason = *found.in_doubt;
        return context.outcome;
    }
    return engine::settle_by_markers(context, sim_phases(context.plan), found, {});
}

Run Tool::recover_by_markers()
{
    return process([&](engine::Interrupt& interrupt) { return recover_by_markers_now(interrupt); });
}

Run Tool::migrate(Side source)
{
    Run run = process([&](engine::Interrupt& interrupt) { return migrate_now(source, interrupt); });
    run.untouched = run.error.has_value();
    return run;
}

Run Tool::recover(const Uuid& transaction, const engine::SettleOptions& options)
{
    return process([&](engine::Interrupt& interrupt) { return recover_now(transaction, options, interrupt); });
}

}  // namespace vmferry::sim
