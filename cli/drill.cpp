#include "cli/drill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>

#include "cli/own_child.hpp"
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
    void compare_at_source(DrillRound& round, const model::BeforeImage& now, const model::Observation& other);
    void compare_at_target(DrillRound& round, const model::BeforeImage& now, const model::Observation& other);
    Result<> go_home();
    Result<ChildEnd> child(const std::string& command, const std::vector<std::string>& more);
    Result<std::vector<Uuid>> known_transactions();
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
    Milliseconds m_move{0};
};

/// A name of the configuration stays a name; a URI goes as it was given.
std::string word_of(const Config& config, const model::HostAddress& host)
{
    return config.hosts.contains(host.label) || host.uri.empty() ? host.label : host.uri;
}

Result<ChildEnd> Drill::child(const std::string& command, const std::vector<std::string>& more)
{
    const Settings& settings = m_environment.settings;
    std::vector<std::string> words = {"--journal", settings.journal_path, "-q"};
    if (!settings.globals.config_file.empty()) {
        words.insert(words.end(), {"--config", settings.globals.config_file});
    }
    if (!here().uri.empty()) {
        words.insert(words.end(), {"-c", word_of(settings.config, here())});
    }
    words.insert(words.end(), {command, m_vm.uuid.str(), word_of(settings.config, there())});
    words.insert(words.end(), more.begin(), more.end());
    return run_vmferry(words);
}

Result<std::vector<Uuid>> Drill::known_transactions()
{
    VMF_TRY_ASSIGN(const auto rows, m_session.store().transactions());
    std::vector<Uuid> known;
    std::transform(rows.begin(), rows.end(), std::back_inserter(known),
                   [](const TransactionRow& row) { return row.head.id; });
    return known;
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

Error child_failed(const std::string& what, const ChildEnd& end)
{
    return Error(ErrorKind::failed, fmt::format("{} ended with {} {}", what, end.signal != 0 ? "signal" : "exit code",
                                                end.signal != 0 ? end.signal : end.code))
        .with_id("VMF-E192")
        .with_cause(end.output.substr(0, 2000))
        .with_next("vmferry status");
}

/// There, undisturbed: how long it takes, and what it writes. The way back is the first round's, or go_home()'s.
Result<> Drill::rehearse()
{
    VMF_TRY_ASSIGN(const auto known, known_transactions());
    const Monotonic::time_point start = Monotonic::now();
    VMF_TRY_ASSIGN(const ChildEnd end, child("drill", {"--at", to_words(Moment::after, 0)}));
    if (end.signal != 0 || end.code != 0) {
        return fail(child_failed("the undisturbed move", end));
    }
    m_move = std::chrono::duration_cast<Milliseconds>(Monotonic::now() - start);
    m_away = true;
    const size_t colon = end.output.rfind("writes: ");
    m_result.writes = colon == std::string::npos ? 0 : std::atoi(end.output.c_str() + colon + 8);
    if (m_result.writes < 1) {
        return fail(child_failed("the undisturbed move, which told no writes,", end));
    }
    const int rounds = m_result.writes * (m_order.quick ? 1 : 2);
    say(fmt::format("{} is moved between {} and {}, and vmferry killed, {} times: about {}. Each time it stands for "
                    "moments. Ctrl-C ends the drill after the move that is under way, with {} on {}.",
                    m_vm.name, m_order.home.label, m_order.target.label, rounds,
                    format_duration(m_move * rounds * 3 / 2), m_vm.name, m_order.home.label));
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
            round.problems.push_back(fmt::format("the recovery ended {}", round.outcome));
        }
    }
    m_away = m_away != (round.outcome == "committed");
    return {};
}

void Drill::compare_at_source(DrillRound& round, const model::BeforeImage& now, const model::Observation& other)
{
    for (const model::Difference& one : model::compare(m_before, now)) {
        round.problems.push_back(fmt::format("{} was {}, is {}", one.field, one.before, one.now));
    }
    if (other.exists) {
        round.problems.push_back(fmt::format("{} still has it: {}", there().label, model::describe(other)));
    }
}

void Drill::compare_at_target(DrillRound& round, const model::BeforeImage& now, const model::Observation& other)
{
    const auto same = [&](bool equal, std::string_view field) {
        if (!equal) {
            round.problems.push_back(fmt::format("{} did not come along", field));
        }
    };
    same(now.state.state == m_before.state.state, "the run state");
    same(now.state.persistent == m_before.state.persistent, "persistence");
    same(now.autostart == m_before.autostart, "autostart");
    same(now.inactive_xml == m_before.inactive_xml, "the definition");
    same(now.max_downtime_ms == m_before.max_downtime_ms, "the downtime limit");
    if (other.exists) {
        round.problems.push_back(fmt::format("{} still has it: {}", there().label, model::describe(other)));
    }
}

/// Asked from the hosts over new connections, and not from what the recovery says.
Result<> Drill::compare(DrillRound& round)
{
    VMF_TRY_ASSIGN(world::World * world, m_session.world());
    engine::Hosts hosts(*world, here(), there());
    VMF_TRY(hosts.open_both(k_connect_limit));
    VMF_TRY_ASSIGN(const model::BeforeImage now, hosts.at(Side::source).inspect().before_image(m_vm.uuid));
    const model::Observation other = hosts.observe(Side::target, m_vm.uuid, k_connect_limit);
    if (now.state.live_marker || now.state.inactive_marker) {
        round.problems.push_back(fmt::format("a marker is left on {}", here().label));
    }
    const bool moved = here().label != round.from;
    moved ? compare_at_target(round, now, other) : compare_at_source(round, now, other);
    if (!now.state.active() || now.state.state != model::RunState::running) {
        round.problems.push_back(fmt::format("it is {} on {}", model::describe(now.state), here().label));
    }
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
    VMF_TRY_ASSIGN(const auto known, known_transactions());
    VMF_TRY_ASSIGN(const ChildEnd end, child("drill", {"--at", to_words(moment, write)}));
    round.reached = end.signal == SIGKILL;
    if (!round.reached && (end.signal != 0 || end.code != 0)) {
        return fail(child_failed(fmt::format("the move that was to be killed {}", to_words(moment, write)), end));
    }
    const size_t name = end.output.rfind("write: ");
    round.entry = name == std::string::npos ? "" : end.output.substr(name + 7, end.output.find('\n', name) - name - 7);
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
    m_result.location.host = m_order.home.label;
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
    if (m_result.code == ExitCode::internal || m_result.code == ExitCode::ok) {
        m_result.code = leave ? ExitCode::rollback_failed : engine::exit_code_untouched(m_result.error->kind());
    }
    return std::move(m_result);
}

}  // namespace

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

DrillResult run_drill(Environment& environment, Session& session, const DrillOrder& order)
{
    return Drill(environment, session, order).run();
}

}  // namespace vmferry::cli
