#include "cli/drill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "cli/drill_checks.hpp"
#include "cli/drill_child.hpp"
#include "cli/settlement.hpp"
#include "cli/two_hosts.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using engine::ExitCode;
using engine::OutcomeKind;
using journal::TransactionRow;
using model::Side;

namespace {

class Drill {
public:
    Drill(Environment& environment, Session& session, const DrillOrder& order)
        : m_environment(environment), m_session(session), m_order(order)
    {
    }

    DrillResult run();

private:
    Result<> prepare();
    Result<> rehearse();
    Result<> all_rounds();
    Result<> round(Moment moment, int write);
    Result<> recover(DrillRound& round, const std::vector<Uuid>& known);
    Result<> compare(DrillRound& round);
    Result<> go_home();
    Result<ChildEnd> child(const std::string& command, const std::vector<std::string>& more);
    [[nodiscard]] const model::HostAddress& here() const { return m_away ? m_order.target : m_order.home; }
    [[nodiscard]] const model::HostAddress& there() const { return m_away ? m_order.home : m_order.target; }
    void say(const std::string& text) { m_environment.output.error(text + "\n"); }

    Environment& m_environment;
    Session& m_session;
    const DrillOrder& m_order;
    DrillResult m_result;
    FoundVm m_vm;
    model::BeforeImage m_before;
    bool m_away = false;  ///< The VM is on the order's target now.
};

Result<ChildEnd> Drill::child(const std::string& command, const std::vector<std::string>& more)
{
    return move_by_child(m_environment.settings, here(), there(), m_vm.uuid, command, more);
}

Result<> Drill::prepare()
{
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    engine::Hosts hosts(*world, m_order.home, m_order.target);
    VMF_TRY_ASSIGN(m_vm, find_on_either(hosts, m_environment.settings.config, m_order.vm));
    m_result.vm_name = m_vm.name;
    m_result.vm_uuid = m_vm.uuid.str();
    const model::Observation at_home = hosts.observe(Side::source, m_vm.uuid, k_connect_limit);
    if (!at_home.reachable || at_home.state != model::RunState::running) {
        return fail(Error(ErrorKind::failed, fmt::format("{} is {} on {}: the drill needs a VM that runs there",
                                                         m_vm.name, model::describe(at_home), m_order.home.label))
                        .with_next("choose a VM whose short interruptions hurt nobody"));
    }
    return {};
}

/// There, undisturbed: how long it takes, and what it writes. The way back is the first round's, or go_home()'s.
Result<> Drill::rehearse()
{
    VMF_TRY_ASSIGN(const auto known, known_transactions(m_session.store()));
    const Monotonic::time_point start = Monotonic::now();
    VMF_TRY_ASSIGN(const ChildEnd end, child("drill", {"--at", to_words(Moment::after, 0)}));
    if (end.signal != 0 || end.code != 0) {
        return fail(child_failed("the undisturbed move", end));
    }
    const auto took = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    m_away = true;
    m_result.writes = std::atoi(said(end, "writes: ").c_str());
    if (m_result.writes < 1) {
        return fail(child_failed("the undisturbed move, which told no writes,", end));
    }
    const int rounds = m_result.writes * (m_order.quick ? 1 : 2);
    say(fmt::format("{} is moved between {} and {}, and vmferry killed, {} times: about {}. Each time it stands for "
                    "moments. Ctrl-C ends the drill after the move that is under way, with {} on {}.",
                    m_vm.name, m_order.home.label, m_order.target.label, rounds, format_duration(took * rounds * 3 / 2),
                    m_vm.name, m_order.home.label));
    return {};
}

/// What the dead one left is settled; what it had not begun needs nothing.
Result<> Drill::recover(DrillRound& round, const std::vector<Uuid>& known)
{
    VMF_TRY_ASSIGN(const auto rows, m_session.store().transactions());
    const auto begun = std::find_if(rows.begin(), rows.end(), [&](const TransactionRow& row) {
        return row.head.vm_uuid == m_vm.uuid && std::find(known.begin(), known.end(), row.head.id) == known.end();
    });
    if (begun == rows.end()) {
        round.outcome = "not-begun";
        return {};
    }
    round.outcome = begun->outcome;
    if (begun->outcome.empty()) {
        constexpr Milliseconds k_patience{5000};
        const Monotonic::time_point start = Monotonic::now();
        SettleOrder settle;
        settle.lock_patience = k_patience;
        const Report report = settle_transaction(m_environment, m_session, *begun, settle);
        round.recovery = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
        round.outcome = engine::to_string(report.outcome.kind);
        const bool fine =
            report.outcome.kind == OutcomeKind::rolled_back || report.outcome.kind == OutcomeKind::committed;
        if (!fine) {
            tell(m_environment, report);
            m_result.code = report.code;
            return fail(Error(ErrorKind::failed, fmt::format("killed {} the recovery ended {}",
                                                             to_words(round.moment, round.write), round.outcome))
                            .with_id("VMF-E193")
                            .with_next(fmt::format("vmferry rollback {}", begun->head.id.brief())));
        }
    }
    m_away = m_away != (round.outcome == "committed");
    return {};
}

/// Asked from the hosts over new connections, and not from what the recovery says.
Result<> Drill::compare(DrillRound& round)
{
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    engine::Hosts hosts(*world, here(), there());
    VMF_TRY(hosts.open_both(k_connect_limit));
    VMF_TRY_ASSIGN(const model::BeforeImage now, hosts.at(Side::source).inspect().before_image(m_vm.uuid));
    const model::Observation other = hosts.observe(Side::target, m_vm.uuid, k_connect_limit);
    round.problems =
        here().label == round.from ? problems_after_way_back(m_before, now) : problems_after_move(m_before, now);
    add_leftovers(round.problems, here().label, now, there().label, other);
    m_result.location = {here().label, std::string(model::to_string(now.state.state)), true};
    return {};
}

Result<> Drill::round(Moment moment, int write)
{
    DrillRound round;
    round.write = write;
    round.moment = moment;
    round.from = here().label;
    round.to = there().label;
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    {
        engine::Hosts hosts(*world, here(), there());
        VMF_TRY_ASSIGN(world::Host * host, hosts.get(Side::source, k_connect_limit));
        VMF_TRY_ASSIGN(m_before, host->inspect().before_image(m_vm.uuid));
    }
    VMF_TRY_ASSIGN(const auto known, known_transactions(m_session.store()));
    VMF_TRY_ASSIGN(const ChildEnd end, child("drill", {"--at", to_words(moment, write)}));
    round.reached = end.signal == SIGKILL;
    if (!round.reached && (end.signal != 0 || end.code != 0)) {
        return fail(child_failed(fmt::format("the move that was to be killed {}", to_words(moment, write)), end));
    }
    round.entry = said(end, "write: ");
    VMF_TRY(recover(round, known));
    VMF_TRY(compare(round));
    say(fmt::format("{:>3}/{} killed {} {:<28} {} -> {}  {}{}", write, m_result.writes,
                    moment == Moment::before ? "before" : "after ", round.reached ? round.entry : "(not reached)",
                    round.from, round.to, round.outcome,
                    round.problems.empty() ? fmt::format(", verified, {}", format_duration(round.recovery))
                                           : ": NOT AS IT SHOULD BE: " + round.problems.front()));
    m_result.rounds.push_back(std::move(round));
    return {};
}

Result<> Drill::all_rounds()
{
    for (int write = 1; write <= m_result.writes; ++write) {
        for (const Moment moment : {Moment::before, Moment::after}) {
            if (m_order.quick && moment == Moment::before) {
                continue;
            }
            if (m_environment.interrupt.requested()) {
                return fail(Error(ErrorKind::interrupted, "stopped on request"));
            }
            VMF_TRY(round(moment, write));
            if (!m_result.rounds.back().problems.empty()) {
                return fail(Error(ErrorKind::failed,
                                  fmt::format("killed {} the VM is not as it should be: {}", to_words(moment, write),
                                              m_result.rounds.back().problems.front()))
                                .with_id("VMF-E193")
                                .with_next(fmt::format("vmferry status --doctor {} --hosts '{},{}'", m_vm.name,
                                                       m_order.home.label, m_order.target.label)));
            }
        }
    }
    return {};
}

Result<> Drill::go_home()
{
    if (!m_away) {
        return {};
    }
    VMF_TRY_ASSIGN(const ChildEnd end, child("migrate", {}));
    if (end.signal != 0 || end.code != 0) {
        return fail(child_failed("the way home", end));
    }
    m_away = false;
    m_result.location = {m_order.home.label, "running", true};
    return {};
}

DrillResult Drill::run()
{
    Result<> done = prepare();
    done = done ? rehearse() : std::move(done);
    done = done ? all_rounds() : std::move(done);
    // A VM that is not as it should be stays where it is, to be looked at.
    const bool leave = !m_result.rounds.empty() && !m_result.rounds.back().problems.empty();
    if (!leave) {
        if (auto home = go_home(); !home && done) {
            done = std::move(home);
        }
    }
    if (done) {
        m_result.code = ExitCode::ok;
        return std::move(m_result);
    }
    m_result.error = std::move(done).error();
    if (m_result.code == ExitCode::internal) {
        m_result.code = leave ? ExitCode::rollback_failed : engine::exit_code_untouched(m_result.error->kind());
    }
    return std::move(m_result);
}

}  // namespace

DrillResult run_drill(Environment& environment, Session& session, const DrillOrder& order)
{
    return Drill(environment, session, order).run();
}

}  // namespace vmferry::cli
