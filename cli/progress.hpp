// What a person sees while a transaction runs, on stderr. Also answers the signal thread, because it
// knows which VM is under way and how far it is.

#pragma once

#include <mutex>
#include <string>

#include "cli/output.hpp"
#include "cli/palette.hpp"
#include "cli/verdict.hpp"
#include "core/engine/reporter.hpp"

namespace vmferry::cli {

/// Where nobody redraws a line (cron mail, logs), one is enough now and then - but in the first minute
/// of a phase somebody may be looking.
inline constexpr std::chrono::seconds k_progress_interval{60};
inline constexpr std::chrono::seconds k_first_progress_interval{5};

class Progress final : public engine::Reporter {
public:
    /// `interval`: between two lines of progress where nobody redraws; 0: none.
    Progress(Output& output, Palette palette, bool quiet, Milliseconds interval = k_progress_interval)
        : m_output(output), m_palette(palette), m_quiet(quiet), m_interval(interval)
    {
    }

    void begun(const model::Plan& plan) override;
    /// Recovery of an earlier transaction: what the lines speak of.
    void resumed(const model::Plan& plan) override;
    void phase_started(std::string_view phase) override;
    void phase_done(std::string_view phase, Milliseconds took, const std::string& detail) override;
    void phase_failed(std::string_view phase, const Error& error) override;
    void finding(const model::Finding& finding) override;
    void progress(const world::MigrationProgress& progress, Milliseconds downtime_limit) override;
    void no_return() override;
    void copying(const std::vector<world::CopyProgress>& disks) override;
    void warning(const std::string& text) override;
    void settling(const std::string& what) override;
    void settled_step(const std::string& what) override;

    /// What is about to begin: until then a stop has nothing to take back.
    void planned(const model::Plan& plan);
    /// `precheck` prints its findings as a result; then they are no news.
    void hide_findings();

    // From the signal thread.
    void say_stopping();
    void say_impatient();
    void say_leaving();
    void say_where_it_is();

private:
    enum class Stage { idle, before, deciding, after, settling };
    void line(const std::string& text, Level level = Level::info);
    [[nodiscard]] bool line_is_due(Monotonic::time_point now) const;
    void speak_of(const model::Plan& plan, Stage stage);
    [[nodiscard]] std::string elapsed() const;
    [[nodiscard]] std::string object_text(const std::string& object) const;

    Output& m_output;
    Palette m_palette;
    bool m_quiet;
    Milliseconds m_interval;
    bool m_findings = true;
    Judge m_judge;
    mutable std::mutex m_mutex;
    Stage m_stage = Stage::idle;
    std::string m_vm;
    std::string m_source;
    std::string m_target;
    std::string m_phase;
    std::string m_now;
    Monotonic::time_point m_phase_start{};
    Monotonic::time_point m_last_line{};
};

}  // namespace vmferry::cli
