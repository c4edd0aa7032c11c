// What a transaction tells, for the service manager: one line of status (`systemctl status`), and that it
// needs more time than the unit allows. A service that needs the worker's word has NotifyAccess=all.

#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "cli/line_writer.hpp"
#include "cli/systemd.hpp"
#include "core/base/clock.hpp"
#include "core/engine/reporter.hpp"

namespace vmferry::cli {

class ServiceStatus final : public engine::Reporter {
public:
    explicit ServiceStatus(const Systemd& systemd);

    void begun(const model::Plan& plan) override;
    void resumed(const model::Plan& plan) override;
    void phase_started(std::string_view phase) override;
    void settling(const std::string& what) override;
    void progress(const world::MigrationProgress& progress, Milliseconds downtime_limit) override;
    void drain();

private:
    void tell(const std::string& what);

    std::string m_vm;
    std::string m_phase;
    Monotonic::time_point m_last;
    LineWriter m_writer;
};

}  // namespace vmferry::cli
