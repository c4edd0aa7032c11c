// Results for people. A failure always ends with the same four lines: what, where the VM is now, what
// is left over, what to type next.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "cli/report.hpp"
#include "cli/report_copies.hpp"
#include "cli/report_storage.hpp"
#include "cli/schedule_text.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

using engine::Outcome;
using engine::OutcomeKind;

namespace {

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char one) { return static_cast<char>(std::toupper(static_cast<unsigned char>(one))); });
    return text;
}

std::string place(const Report& report)
{
    const engine::Location& location = report.outcome.location;
    if (location.state.empty()) {
        return fmt::format("{} is on {}", report.vm_name, location.host);
    }
    return fmt::format("{} is {} on {}", report.vm_name, upper(location.state), location.host);
}

std::string frames(const Error& error)
{
    return error.frames().empty() ? "" : fmt::format(" ({})", fmt::join(error.frames(), "; "));
}

std::string headline(const Palette& palette, Tone tone, const std::string& id, const std::string& text)
{
    return fmt::format("{} {}: {}", palette.paint(tone, tone == Tone::bad ? "error" : "warning"), id, text);
}

/// First line: what happened.
std::string what_line(const Report& report, const Palette& palette)
{
    const Outcome& outcome = report.outcome;
    const std::string id = report_id(report);
    if (outcome.error) {
        return headline(palette, Tone::bad, id, outcome.error->what() + frames(*outcome.error));
    }
    switch (outcome.kind) {
    case OutcomeKind::committed_degraded:
        return headline(palette, Tone::warning, id, "a step after the switch is still owed");
    case OutcomeKind::rolled_back_debts:
        return headline(palette, Tone::warning, id, "something could not be cleaned up yet");
    case OutcomeKind::not_as_before:
        return headline(palette, Tone::bad, id, "the VM is not in the state it had before");
    case OutcomeKind::lost: return headline(palette, Tone::bad, id, "the memory of the VM is lost");
    case OutcomeKind::in_doubt: return headline(palette, Tone::bad, id, outcome.reason);
    default: return headline(palette, Tone::bad, id, "the move did not go through");
    }
}

std::string differences_text(const Outcome& outcome)
{
    std::vector<std::string> parts;
    for (const model::Difference& one : outcome.differences) {
        const bool brief = one.before.size() + one.now.size() < 80;
        parts.push_back(brief ? fmt::format("{} was {}, is {}", one.field, one.before, one.now)
                              : one.field + " differs");
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

/// A VM that nobody knows cannot have been touched either; do not make it sound as if it existed.
std::string untouched_line(const Report& report)
{
    const bool known = !report.vm_uuid.empty();
    return known ? report.vm_name + " was not touched." : "Nothing was touched.";
}

/// Second line: where the VM is now.
std::string where_line(const Report& report)
{
    const Outcome& outcome = report.outcome;
    const std::string vm = report.vm_name.empty() ? "The VM" : report.vm_name;
    switch (outcome.kind) {
    case OutcomeKind::refused:
    case OutcomeKind::checked: return untouched_line(report);
    case OutcomeKind::rolled_back:
    case OutcomeKind::rolled_back_debts:
        if (!outcome.location.proven) {
            return fmt::format("{} was put back on {} when this transaction ended.", vm, outcome.location.host);
        }
        return place(report) + ", as before: state, disks, definition and autostart verified equal.";
    case OutcomeKind::not_as_before:
        return fmt::format("{}, but not as before: {}.", place(report), differences_text(outcome));
    case OutcomeKind::committed:
    case OutcomeKind::committed_degraded: return place(report) + (outcome.location.proven ? ", verified." : ".");
    case OutcomeKind::lost:
        return fmt::format("The memory of {} is LOST: {}. Intact: {}.", vm, outcome.reason,
                           fmt::join(outcome.intact, "; "));
    case OutcomeKind::in_doubt:
        return fmt::format(
            "Where {} runs could not be proven: {}. Nothing was started, nothing more will be destroyed.", vm,
            outcome.reason);
    }
    return {};
}

/// Third line: what is left over.
std::string left_line(const Report& report)
{
    const Outcome& outcome = report.outcome;
    if (!outcome.debts.empty()) {
        return fmt::format("Still owed: {}.", fmt::join(outcome.debts, "; "));
    }
    if (!report.storage.disks.empty() && outcome.kind != OutcomeKind::refused) {
        return images_left_text(outcome);
    }
    switch (outcome.kind) {
    case OutcomeKind::refused:
    case OutcomeKind::checked: return "Nothing was created on any host.";
    case OutcomeKind::in_doubt: return "What was created for the move stays as it is.";
    case OutcomeKind::committed:
    case OutcomeKind::committed_degraded:
        return kept_text(report).empty() ? fmt::format("Nothing is left on {}.", report.from) : kept_text(report);
    default: return fmt::format("Nothing is left on {}.", report.to);
    }
}

/// It did not converge, and QEMU was not asked to slow the guest down.
bool could_converge(const Outcome& outcome)
{
    return outcome.error && outcome.error->id() == "VMF-M021" && outcome.schedule &&
           !outcome.schedule->schedule.auto_converge;
}

std::string first_step(const Report& report)
{
    const Outcome& outcome = report.outcome;
    if (!outcome.commands.empty()) {
        return fmt::format("{}", fmt::join(outcome.commands, "   or: "));
    }
    // Where nothing is owed (a hook failed) a rollback would move the VM back.
    const bool owes = outcome.kind == OutcomeKind::rolled_back_debts ||
                      (outcome.kind == OutcomeKind::committed_degraded && !outcome.debts.empty());
    if (owes) {
        return fmt::format("vmferry rollback {}", report.brief());
    }
    if (outcome.error && !outcome.error->next().empty()) {
        return outcome.error->next();
    }
    if (outcome.kind == OutcomeKind::rolled_back && !report.retry.empty()) {
        return report.retry + (could_converge(outcome) ? " --profile fast" : "");
    }
    return report.transaction.empty() ? "vmferry status" : fmt::format("vmferry status {}", report.brief());
}

/// Fourth line: what to type next.
std::string next_line(const Report& report)
{
    std::string line = "Next: " + first_step(report);
    if (!report.transaction.empty() && line.find("vmferry status") == std::string::npos) {
        line += fmt::format("     (details: vmferry audit {})", report.brief());
    }
    return line;
}

std::string cause_line(const Error& error)
{
    return error.cause().empty() ? "" : fmt::format("cause: {}\n", error.cause());
}

std::string moved_text(const Report& report)
{
    const Outcome& outcome = report.outcome;
    std::string text = report.command == "rollback"
                           ? place(report)
                           : fmt::format("{} now runs on {}", report.vm_name, outcome.location.host);
    if (outcome.location.state != "running" && report.command != "rollback") {
        text = fmt::format("{} is now on {}, {}", report.vm_name, outcome.location.host, outcome.location.state);
    }
    text += "." + copies_text(report);
    if (!report.storage.disks.empty()) {
        text = images_text(report);
    }
    if (outcome.downtime) {
        text += fmt::format(" Downtime {},", format_duration(*outcome.downtime));
    }
    if (outcome.duration.count() > 0) {
        text += fmt::format("{} {}.", outcome.downtime ? " total" : " Total", format_duration(outcome.duration));
    }
    text += schedule_text(outcome.schedule) + fmt::format("   Undo: vmferry rollback {}\n", report.brief());
    return text + (outcome.promise_given_up.empty() ? "" : "Promise given up by " + outcome.promise_given_up + ".\n");
}

std::string success_text(const Report& report)
{
    if (!report.own_words().empty()) {
        return report.own_words() + "\n";
    }
    if (report.outcome.kind == OutcomeKind::committed) {
        return moved_text(report);
    }
    return where_line(report) + " " + left_line(report) + "\n";
}

}  // namespace

std::string failure_text(const Report& report, const Palette& palette)
{
    return (report.outcome.error ? cause_line(*report.outcome.error) : "") + what_line(report, palette) + "\n" +
           where_line(report) + "\n" + left_line(report) + "\n" + next_line(report) + "\n";
}

std::string summary_text(const Report& report)
{
    const bool well = report.code == engine::ExitCode::ok;
    std::string text = well ? success_text(report) : what_line(report, Palette(false)) + ". " + where_line(report);
    return text.substr(0, text.find('\n'));
}

std::string untouched_text(const Error& error, const Palette& palette)
{
    return cause_line(error) + headline(palette, Tone::bad, error_id(error), error.what() + frames(error)) +
           "\nNothing was touched.\nNothing was created on any host.\nNext: " +
           (error.next().empty() ? "the same command with -vv says more" : error.next()) + "\n";
}

void tell_as_text(Environment& environment, const Report& report, bool quiet)
{
    if (report.code != engine::ExitCode::ok) {
        environment.output.error(failure_text(report, environment.err));
    } else if (!quiet) {
        environment.output.result(success_text(report));
    }
}

}  // namespace vmferry::cli
