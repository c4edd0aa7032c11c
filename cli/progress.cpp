#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

std::string rate(uint64_t bytes_per_s) { return format_size(bytes_per_s) + "/s"; }

/// "dirty 31 MiB/s < 240 MiB/s: converging, about 2 s"
std::string convergence(const world::MigrationProgress& progress, Verdict verdict)
{
    const std::string dirty = rate(progress.dirty_bytes_per_s);
    const std::string sent = rate(progress.rate_bytes_per_s);
    switch (verdict) {
    case Verdict::unknown: return fmt::format("sent at {}", sent);
    case Verdict::stalled: return fmt::format("stalled: nothing was sent for {}", format_duration(k_stall));
    case Verdict::not_converging: return fmt::format("dirty {} >= {}: not converging", dirty, sent);
    case Verdict::converging: break;
    }
    const Milliseconds left = time_left(progress, verdict).value_or(Milliseconds(0));
    return fmt::format("dirty {} < {}: converging, about {} s", dirty, sent, left.count() / 1000 + 1);
}

}  // namespace

/// "downtime:source" in words.
std::string Progress::object_text(const std::string& object) const
{
    struct Word {
        std::string_view object;
        std::string_view text;
    };
    static constexpr std::array k_words{
        Word{"domain", "the copy"},     Word{"downtime", "downtime limit"},
        Word{"autostart", "autostart"}, Word{"marker", "the mark that it is being moved"},
        Word{"nvram", "NVRAM file"},    Word{"bandwidth", "speed limit"},
        Word{"probe", "probe file"},    Word{"definition", "definition"},
        Word{"bolt", "bolt"},
    };
    const std::string name = object.substr(0, object.find(':'));
    const auto* word =
        std::find_if(k_words.begin(), k_words.end(), [&](const Word& one) { return one.object == name; });
    const std::string rest = object.size() > name.size() ? object.substr(name.size() + 1) : "";
    const bool at_source = rest.starts_with("source");
    if (word == k_words.end() || !(at_source || rest.starts_with("target"))) {
        return object;
    }
    return fmt::format("{} on {}", word->text, at_source ? m_source : m_target);
}

void Progress::line(const std::string& text, Level level)
{
    if (!m_quiet) {
        m_output.progress(text + "\n", level);
    }
}

std::string Progress::elapsed() const
{
    return format_duration(std::chrono::duration_cast<Milliseconds>(Monotonic::now() - m_phase_start));
}

void Progress::begun(const model::Plan& plan)
{
    planned(plan);
    if (!plan.moves_storage()) {
        line(fmt::format("[tx {}] {}: {} -> {}   (Ctrl-C rolls back)", plan.transaction.brief(), plan.vm_name,
                         plan.source, plan.target));
        return;
    }
    for (const model::DiskMove& disk : plan.storage.disks) {
        line(fmt::format("[tx {}] {} {}: {} -> {}   (Ctrl-C rolls back)", plan.transaction.brief(), plan.vm_name,
                         disk.target, disk.from, disk.to));
    }
}

void Progress::speak_of(const model::Plan& plan, Stage stage)
{
    const std::lock_guard lock(m_mutex);
    m_stage = stage;
    m_vm = plan.vm_name;
    m_source = plan.source;
    m_target = plan.target;
    m_phase = stage == Stage::settling ? "recovery" : "begin";
    m_now.clear();
    m_phase_start = Monotonic::now();
}

void Progress::planned(const model::Plan& plan) { speak_of(plan, Stage::before); }

void Progress::resumed(const model::Plan& plan) { speak_of(plan, Stage::settling); }

void Progress::hide_findings() { m_findings = false; }

void Progress::phase_started(std::string_view phase)
{
    const std::lock_guard lock(m_mutex);
    m_phase = phase;
    m_now.clear();
    m_judge = {};
    m_phase_start = Monotonic::now();
    m_last_line = m_phase_start;
    if (phase == "switch") {
        m_stage = Stage::deciding;
    }
    if (!m_quiet) {
        m_output.status(fmt::format("  {:<9} ...", phase));
    }
}

void Progress::phase_done(std::string_view phase, Milliseconds took, const std::string& detail)
{
    m_output.status("");
    line(fmt::format("  {:<9} {}   {:>9}{}{}", phase, m_palette.paint(Tone::good, "done"), format_duration(took),
                     detail.empty() ? "" : "   ", detail));
    const std::lock_guard lock(m_mutex);
    if (phase == "switch") {
        m_stage = Stage::after;
    }
}

void Progress::phase_failed(std::string_view phase, const Error& error)
{
    m_output.status("");
    // Who stopped it knows that, and sees no failure.
    const bool stopped = error.kind() == ErrorKind::interrupted && error.id().empty();
    const std::string word =
        stopped ? m_palette.paint(Tone::warning, "stopped") : m_palette.paint(Tone::bad, "failed") + " ";
    line(fmt::format("  {:<9} {}{:>9}   {}", phase, word, elapsed(), error.what()),
         stopped ? Level::warning : Level::error);
}

void Progress::finding(const model::Finding& finding)
{
    if (!m_findings || finding.severity < model::Severity::warn) {
        return;
    }
    const std::string accepted = finding.accepted ? " (accepted)" : "";
    const bool error = finding.severity == model::Severity::error && !finding.accepted;
    line(fmt::format("  {}     {} {}: {}{}",
                     m_palette.paint(error ? Tone::bad : Tone::warning, error ? "error" : "warn "), finding.id,
                     finding.subject, finding.message, accepted),
         error ? Level::error : Level::warning);
}

bool Progress::line_is_due(Monotonic::time_point now) const
{
    const bool first_minute = now - m_phase_start < std::chrono::minutes(1);
    const Milliseconds interval =
        first_minute ? std::min<Milliseconds>(k_first_progress_interval, m_interval) : m_interval;
    return !m_output.redraws() && m_interval.count() > 0 && now - m_last_line >= interval;
}

void Progress::progress(const world::MigrationProgress& progress, Milliseconds /*downtime_limit*/)
{
    const std::lock_guard lock(m_mutex);
    const auto now = Monotonic::now();
    const Verdict verdict = m_judge.judge(progress, std::chrono::duration_cast<Milliseconds>(now.time_since_epoch()));
    const std::string where =
        fmt::format("  {:<9} pass {:<2}{:>9}   remaining {} of {}", m_phase, progress.iteration, elapsed(),
                    format_size(progress.remaining_bytes), format_size(progress.total_bytes));
    const std::string how = convergence(progress, verdict);
    m_now = where + ", " + how;
    if (m_quiet) {
        return;
    }
    m_output.status(fmt::format("{}\n  {:<9} {}", where, "", how));
    if (line_is_due(now)) {
        m_last_line = now;
        line(m_now);
    }
}

void Progress::no_return()
{
    const std::lock_guard lock(m_mutex);
    m_stage = Stage::after;
}

void Progress::warning(const std::string& text)
{
    line("  " + m_palette.paint(Tone::warning, "warn") + "      " + text, Level::warning);
}

void Progress::settling(const std::string& what)
{
    {
        const std::lock_guard lock(m_mutex);
        m_stage = Stage::settling;
    }
    m_output.status("");
    line("  recovery  " + what);
}

void Progress::settled_step(const std::string& what)
{
    const std::lock_guard lock(m_mutex);
    line(fmt::format("  undone    {}", object_text(what)));
}

void Progress::say_stopping()
{
    const std::lock_guard lock(m_mutex);
    switch (m_stage) {
    case Stage::idle: m_output.error("stopping\n"); break;
    case Stage::before:
        m_output.error(fmt::format(
            "cancelling, rolling back {} to {} (about 5 s). Ctrl-C again: leave clean-up for later\n", m_vm, m_source));
        break;
    case Stage::deciding:
        m_output.error(
            fmt::format("{} is being switched over: it is taken back to {} or finished on {} within seconds\n", m_vm,
                        m_source, m_target));
        break;
    case Stage::after: m_output.error("past the point of no return, finishing (about 2 s)\n"); break;
    case Stage::settling:
        m_output.error(fmt::format("{} is being settled already. Ctrl-C again: leave clean-up for later\n", m_vm));
        break;
    }
}

void Progress::say_impatient()
{
    m_output.error("leaving optional clean-up for later. Ctrl-C again: leave everything as it is, at once\n");
}

void Progress::say_leaving()
{
    const std::lock_guard lock(m_mutex);
    const std::string who = m_vm.empty() ? "" : fmt::format(" {} is left as it stands.", m_vm);
    write_if_ready(STDERR_FILENO, fmt::format("\nleft at once.{} Next: vmferry rollback --all-incomplete\n", who));
}

void Progress::say_where_it_is()
{
    const std::lock_guard lock(m_mutex);
    const bool streaming = !m_now.empty() && m_stage == Stage::before;
    m_output.error(
        (streaming ? m_now : fmt::format("  {:<9} {:>9}", m_phase.empty() ? "starting" : m_phase, elapsed())) + "\n");
}

}  // namespace vmferry::cli
