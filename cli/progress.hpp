// What a person sees while a transaction runs, on stderr. Also answers the signal thread, because it
// knows which VM is under way and how far it is.

#pragma once

#include <mutex>
#include <string>

#include "cli/output.hpp"
#include "cli/palette.hpp"
#include "core/engine/reporter.hpp"

namespace vmferry::cli {

class Progress final : public engine::Reporter {
public:
    Progress(Output& output, Palette palette, bool quiet) : m_output(output), m_palette(palette), m_quiet(quiet) {}

    void begun(const model::Plan& plan) override;
    void phase_started(std::string_view phase) override;
    void phase_done(std::string_view phase, Milliseconds took, const std::string& detail) override;
    void phase_failed(std::string_view phase, const Error& error) override;
    void finding(const model::Finding& finding) override;
    void progress(const world::MigrationProgress& progress, Milliseconds downtime_limit) override;
    void warning(const std::string& text) override;
    void settling(const std::string& what) override;
    void settled_step(const std::string& what) override;

    /// What is about to begin: until then a stop has nothing to take back.
    void planned(const model::Plan& plan);
    /// Recovery of an earlier transaction: what the lines speak of.
    void resumed(const model::Plan& plan);
    /// `precheck` prints its findings as a result; then they are no news.
    void hide_findings();

    // From the signal thread.
    void say_stopping();
    void say_impatient();
    void say_leaving();
    void say_where_it_is();

private:
    enum class Stage { idle, before, deciding, after, settling };
    void line(const std::string& text);
    void speak_of(const model::Plan& plan, Stage stage);
    [[nodiscard]] std::string elapsed() const;

    Output& m_output;
    Palette m_palette;
    bool m_quiet;
    bool m_findings = true;
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
