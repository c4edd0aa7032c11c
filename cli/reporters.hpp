// Hands what a transaction tells to all who want to know: the terminal, the event stream, the log.

#pragma once

#include <vector>

#include "core/engine/reporter.hpp"

namespace vmferry::cli {

class Reporters final : public engine::Reporter {
public:
    /// `reporter` must outlive this. Before the first call of any other function.
    void add(engine::Reporter& reporter) { m_all.push_back(&reporter); }

    void begun(const model::Plan& plan) override;
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

private:
    std::vector<engine::Reporter*> m_all;
};

}  // namespace vmferry::cli
