// What a transaction tells, for journald: an entry each, with the MESSAGE_ID of its kind.

#pragma once

#include <memory>
#include <string>

#include "cli/journald_sink.hpp"
#include "core/engine/reporter.hpp"

namespace vmferry::cli {

struct Report;

class JournaldReporter final : public engine::Reporter {
public:
    explicit JournaldReporter(std::shared_ptr<JournaldSink> sink) : m_sink(std::move(sink)) {}

    void begun(const model::Plan& plan) override;
    void resumed(const model::Plan& plan) override;
    void phase_started(std::string_view phase) override;
    void phase_done(std::string_view phase, Milliseconds took, const std::string& detail) override;
    void phase_failed(std::string_view phase, const Error& error) override;
    void finding(const model::Finding& finding) override;
    void warning(const std::string& text) override;
    void settling(const std::string& what) override;
    void settled_step(const std::string& what) override;
    /// How it ended.
    void result(const Report& report);

private:
    std::shared_ptr<JournaldSink> m_sink;
};

}  // namespace vmferry::cli
