// The log, for journald: entries with fields, so that `journalctl VMFERRY_TX=...` tells a whole move.
//
// - A thread of its own hands the entries over: nobody waits for journald. When many wait, lines of the
//   log are dropped; what a transaction tells is not.
// - Functions may be called from any thread.

#pragma once

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string>
#include <string_view>

#include "cli/journald_event.hpp"
#include "cli/line_writer.hpp"
#include "cli/systemd.hpp"
#include "core/model/plan.hpp"

namespace vmferry::cli {

class JournaldSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit JournaldSink(const Systemd& systemd);

    /// What the entries from here on are about.
    void speak_of(const model::Plan& plan);
    void speak_of_phase(std::string_view phase);
    /// `code`: "VMF-P014", or empty.
    void tell(JournaldEvent event, spdlog::level::level_enum level, const std::string& message,
              std::string_view code = {});
    /// Returns when all is handed over, or when journald has taken nothing for too long.
    void drain();

protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

private:
    void put(JournaldEvent event, spdlog::level::level_enum level, std::string_view message, std::string_view code);

    struct Subject {
        std::string transaction;
        std::string vm;
        std::string vm_uuid;
        std::string source;
        std::string target;
        std::string phase;
    };
    Subject m_subject;
    LineWriter m_writer;
};

}  // namespace vmferry::cli
