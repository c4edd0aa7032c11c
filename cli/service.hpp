// A vmferry that systemd looks after, or that runs where journald does: who hears of its transactions
// beside the terminal, the event stream and the log file.

#pragma once

#include <memory>

#include "cli/journald_reporter.hpp"
#include "cli/reporters.hpp"
#include "cli/service_status.hpp"

namespace vmferry::cli {

class Service {
public:
    /// Made after the fork, by a process that works on transactions. Loads libsystemd when it has to.
    Service();

    void add_to(Reporters& reporters);
    /// For the logger; nullptr without journald.
    [[nodiscard]] std::shared_ptr<JournaldSink> sink() const { return m_sink; }
    /// nullptr without journald.
    [[nodiscard]] JournaldReporter* journald() const { return m_journald.get(); }
    void drain();

private:
    std::shared_ptr<JournaldSink> m_sink;
    std::unique_ptr<JournaldReporter> m_journald;
    std::unique_ptr<ServiceStatus> m_status;
};

}  // namespace vmferry::cli
