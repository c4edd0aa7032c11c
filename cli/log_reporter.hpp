// What a transaction tells, for the log file: a line each, without colours and redrawing.

#pragma once

#include <memory>
#include <string>

#include "core/engine/reporter.hpp"

namespace spdlog {
class logger;
}

namespace vmferry::cli {

class LogReporter final : public engine::Reporter {
public:
    explicit LogReporter(std::shared_ptr<spdlog::logger> logger) : m_logger(std::move(logger)) {}

    void begun(const model::Plan& plan) override;
    void resumed(const model::Plan& plan) override;
    void phase_started(std::string_view phase) override;
    void phase_done(std::string_view phase, Milliseconds took, const std::string& detail) override;
    void phase_failed(std::string_view phase, const Error& error) override;
    void finding(const model::Finding& finding) override;
    void warning(const std::string& text) override;
    void settling(const std::string& what) override;
    void settled_step(const std::string& what) override;

private:
    std::shared_ptr<spdlog::logger> m_logger;
    std::string m_transaction;  ///< Its first digits, before each line.
};

}  // namespace vmferry::cli
