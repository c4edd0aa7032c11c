#include "tests/sim/story.hpp"

#include <algorithm>
#include <memory>

#include "tests/sim/final_checks.hpp"
#include "tests/sim/tool.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_guardian = 300;   // The guardian notices that its worker is gone.
constexpr Ms k_between = 5000;   // Cron, the boot unit, an administrator.
constexpr Ms k_settled = 60000;  // After this, every timer of every daemon has run.
constexpr Ms k_recovery_limit = 5000;
constexpr int k_tries_unhealed = 3;
constexpr int k_tries_healed = 3;

class Telling {
public:
    Telling(const Story& story, const Checks& checks, MovedEnds* moved)
        : m_story(story), m_checks(checks), m_moved(moved), m_universe(story.shape), m_rules(m_universe, m_view),
          m_disk(story.on_disk ? std::make_unique<SimDisk>(story.disk_fault) : nullptr),
          m_store(m_universe, m_view, m_disk.get()), m_tool(m_universe, m_store, m_rules),
          m_before(Inventory::of(m_universe))
    {
        m_rules.enabled = checks.rules;
    }

    Verdict tell(std::vector<PointRecord>* record);

private:
    void first_run();
    void recover(int tries, bool healed);
    void heal();
    void recover_again();
    void move_again();
    [[nodiscard]] Run finished(Run run);
    void note(const Run& run);
    void note_said(const engine::Outcome& outcome);
    void check_honesty(const engine::Outcome& outcome);
    void check_comparison();
    [[nodiscard]] int open_debts() const { return static_cast<int>(m_view.debts.size()); }
    [[nodiscard]] engine::SettleOptions options() const;
    void let_paused_guest_run();
    void remove_the_rest();
    [[nodiscard]] bool settled() const;

    const Story& m_story;
    const Checks& m_checks;
    MovedEnds* m_moved;
    Universe m_universe;
    JournalView m_view;
    Rules m_rules;
    std::unique_ptr<SimDisk> m_disk;
    SimStore m_store;
    Tool m_tool;
    Inventory m_before;
    Verdict m_verdict;
    bool m_in_full = false;       ///< Somebody reads what is said.
    bool m_ended_before = false;  ///< The process that ran last found a transaction with an END.
    bool m_lost = false;          ///< The journal is gone; what is begun since was adopted from the markers.
};

/// When a process has ended, the journal is what its disk kept of it.
Run Telling::finished(Run run)
{
    m_store.look();
    note(run);
    return run;
}

void Telling::note(const Run& run)
{
    std::string word = "died";
    if (run.outcome) {
        word = to_string(run.outcome->kind);
        if (m_in_full) {
            note_said(*run.outcome);
        }
        check_honesty(*run.outcome);
    } else if (run.error) {
        word = "error: " + run.error->text();
    }
    m_verdict.ending += (m_verdict.ending.empty() ? "" : ", ") + word;
}

void Telling::note_said(const engine::Outcome& outcome)
{
    const auto say = [&](std::string_view what, const std::string& text) {
        m_verdict.said.push_back(std::to_string(m_universe.time.now()) + " ms  " + std::string(what) + ": " + text);
    };
    say("outcome", std::string(to_string(outcome.kind)));
    if (outcome.error) {
        say("error", outcome.error->text());
    }
    if (!outcome.reason.empty()) {
        say("reason", outcome.reason);
    }
    for (const model::Difference& difference : outcome.differences) {
        say("different", difference.field + ": " + difference.before + " -> " + difference.now);
    }
    for (const std::string& debt : outcome.debts) {
        say("owed", debt);
    }
    for (const std::string& warning : outcome.warnings) {
        say("warning", warning);
    }
}

/// "Rolled back" says that the same instance is as it was, whoever acted on it. Not when debts are paid later.
void Telling::check_comparison()
{
    const Domain& now = m_universe.machine(Side::source).domain;
    const Domain& then = *m_universe.imaged;
    if (!now.live || !then.live || now.live->fresh || m_ended_before || m_universe.oracle.excused()) {
        return;
    }
    const bool same = now.live->state == then.live->state && now.live->max_downtime_ms == then.live->max_downtime_ms &&
                      now.definition.has_value() == then.definition.has_value() && now.autostart == then.autostart;
    if (!same) {
        m_universe.oracle.violate("it says rolled-back, and the VM is not as it was before");
    }
}

/// "Proven at HOST, running" must be so at the moment it is said.
void Telling::check_honesty(const engine::Outcome& outcome)
{
    if (outcome.kind == engine::OutcomeKind::rolled_back) {
        check_comparison();
    }
    if (m_universe.harm() == Harm::human) {
        return;
    }
    const bool at_source = outcome.location.host == address_of(Side::source).label;
    const Domain& there = m_universe.machine(at_source ? Side::source : Side::target).domain;
    if (outcome.location.proven && outcome.location.state == "running" && !there.runs() &&
        m_universe.harm() == Harm::none) {
        m_universe.oracle.violate("the outcome says running on " + outcome.location.host + ", where it is not");
    }
}

void Telling::first_run()
{
    m_universe.plan(m_story.faults);
    const Run run = finished(m_tool.migrate(Side::source));
    if (run.died && m_story.by == Operator::journal_lost) {
        m_store.lose();
        m_disk.reset();
        m_lost = true;
        m_universe.sleep(k_between);
    } else if (run.died) {
        m_universe.sleep(k_guardian);
    }
}

engine::SettleOptions Telling::options() const
{
    engine::SettleOptions options;
    options.forward = m_story.by == Operator::forward;
    for (const Side side : {Side::source, Side::target}) {
        if (m_story.by == Operator::host_dead && m_universe.is_off_for_good(side)) {
            options.host_dead = side;
        }
    }
    return options;
}

/// Only the user can let a paused VM run; the NVRAM file at the target is good from then on.
void Telling::let_paused_guest_run()
{
    const Machine& target = m_universe.machine(Side::target);
    const bool owed = m_view.outcome == "committed-degraded" && m_story.shape.nvram && target.domain.live;
    if (!owed || !m_story.shape.paused || m_universe.harm() != Harm::none) {
        return;
    }
    if (open_debts() != 1) {
        m_universe.oracle.violate("more is owed than the NVRAM file of a VM that has not run yet");
    }
    static_cast<void>(m_universe.daemon(Side::target).resume(Cause::human));
    m_universe.sleep(k_between);
    recover(1, true);
    static_cast<void>(m_universe.daemon(Side::target).suspend(Cause::human));
}

/// LOST in post-copy: what a host still has of the memory is kept until the administrator ends it.
void Telling::remove_the_rest()
{
    if (m_view.outcome != "lost" || m_universe.oracle.memory_exists()) {
        return;
    }
    bool removed = false;
    for (const Side side : {Side::source, Side::target}) {
        const auto& rest = m_universe.machine(side).domain.live;
        if (rest && (rest->reason == StateReason::postcopy || rest->reason == StateReason::postcopy_failed)) {
            static_cast<void>(m_universe.daemon(side).destroy(Cause::human));
            removed = true;
        }
    }
    if (removed) {
        recover(2, true);
    }
}

bool Telling::settled() const
{
    if (m_store.begun().empty()) {
        return !m_lost || !has_marker(m_universe);
    }
    return m_view.ended && open_debts() == 0;
}

void Telling::recover(int tries, bool healed)
{
    for (int attempt = 0; attempt < tries && !settled(); ++attempt) {
        const bool last_fault = m_universe.all_struck();
        m_ended_before = m_view.ended;
        const bool by_markers = m_store.begun().empty();
        const Run run =
            finished(by_markers ? m_tool.recover_by_markers() : m_tool.recover(m_store.begun().front(), options()));
        if (run.outcome && run.outcome->kind == engine::OutcomeKind::in_doubt && run.decisive_acts != 0 && last_fault &&
            healed) {
            m_universe.oracle.violate("I11: it says in-doubt, and has acted");
        }
        if (healed && run.took > k_recovery_limit && m_universe.harm() == Harm::none && last_fault) {
            m_universe.oracle.violate("I10: recovery took " + std::to_string(run.took) + " ms with all hosts well");
        }
        m_universe.sleep(run.died ? k_guardian : k_between);
    }
}

/// I9: a recovery that finds nothing to do changes nothing.
void Telling::recover_again()
{
    if (m_store.begun().empty() || m_universe.harm() != Harm::none) {
        return;
    }
    const Inventory before = Inventory::of(m_universe);
    static_cast<void>(m_tool.recover(m_store.begun().front()));
    m_universe.sleep(k_between);
    const std::string changed = FinalChecks::difference(before, Inventory::of(m_universe));
    if (!changed.empty()) {
        m_universe.oracle.violate("I9: a second recovery changed " + changed);
    }
}

/// What was left behind shows when the VM is moved once more.
void Telling::move_again()
{
    const Domain& there = m_universe.machine(Side::target).domain;
    const bool at_target = m_story.shape.off ? there.exists() : there.live.has_value();
    const Side source = at_target ? Side::target : Side::source;
    m_rules.enabled = false;
    if (!m_store.begun().empty() && !m_view.ended) {
        return;  // In doubt: what lies at the target is there for the administrator.
    }
    if (m_view.outcome == "lost") {
        return;
    }
    if (m_story.shape.nvram && m_story.shape.paused) {
        return;  // It ends degraded by design, see let_paused_guest_run().
    }
    // What SQLite keeps on its disk is no part of an end, and what is still to happen neither.
    const bool comparable = m_moved != nullptr && !m_disk && m_universe.time.next() == k_forever;
    auto end = comparable ? std::optional(MovedEnds::End::of(m_universe, m_story.shape)) : std::nullopt;
    if (end && m_moved->contains(*end)) {
        return;
    }
    const Run run = m_tool.migrate(source);
    if (!run.outcome || run.outcome->kind != engine::OutcomeKind::committed) {
        m_universe.oracle.violate("the VM cannot be moved again: " +
                                  (run.outcome ? std::string(to_string(run.outcome->kind)) +
                                                     (run.outcome->error ? " " + run.outcome->error->text() : "")
                                   : run.error ? run.error->text()
                                               : "died"));
        return;
    }
    FinalChecks(m_universe, m_before, m_view, m_story.shape).expect_at_target(model::other(source));
    if (end && m_universe.oracle.violations().empty()) {
        m_moved->add(std::move(*end));
    }
}

void Telling::heal()
{
    m_universe.heal();
    if (m_disk) {
        m_disk->heal();
        m_store.look();
    }
}

Verdict Telling::tell(std::vector<PointRecord>* record)
{
    m_universe.record_points(record);
    m_in_full = record != nullptr;
    first_run();
    recover(k_tries_unhealed, false);
    m_verdict.points = m_universe.points();
    m_verdict.all_struck = m_universe.all_struck();
    m_verdict.disk_calls = m_disk ? m_disk->calls() : 0;
    m_universe.plan({});  // From here on nothing fails any more.
    heal();
    m_universe.sleep(k_settled);
    m_view.failing = false;
    recover(k_tries_healed, true);
    let_paused_guest_run();
    remove_the_rest();
    m_verdict.harm = m_universe.harm();
    m_verdict.outcome = m_view.outcome;
    FinalChecks checks(m_universe, m_before, m_view, m_story.shape);
    const int owed = m_store.begun().empty() ? 0 : open_debts();
    m_lost ? checks.check_after_loss(owed) : checks.check(owed);
    if (m_story.faults.empty() && !m_story.disk_fault && m_store.writes_in_window() > 1) {
        m_universe.oracle.violate("I2: the guest stands for more than one write of the journal");
    }
    const bool fine = m_universe.oracle.violations().empty();
    if (fine) {
        recover_again();
    }
    if (fine && m_checks.again && !m_lost && m_universe.harm() == Harm::none) {
        move_again();
    }
    m_verdict.violations = m_universe.oracle.violations();
    return m_verdict;
}

}  // namespace

Verdict run_story(const Story& story, const Checks& checks, std::vector<PointRecord>* record, MovedEnds* moved)
{
    return Telling(story, checks, moved).tell(record);
}

}  // namespace vmferry::sim
